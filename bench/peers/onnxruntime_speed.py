"""How fast ONNX Runtime runs a net in float32. Prints one JSON object.

usage: onnxruntime_speed.py NET.onnx WIDTH HEIGHT SECONDS WAY

WAY is `together` (all cores on one picture, ONNX Runtime's own way) or `apart` (a picture a core,
as Impasto does it).
"""

import json
import os
import sys
import threading
import time

import numpy
import onnxruntime


def main(style, width, height, seconds, way):
    cores = len(os.sched_getaffinity(0))
    workers = cores if way == "apart" else 1
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores // workers
    session = onnxruntime.InferenceSession(style, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    picture = numpy.random.default_rng(1).random((1, 3, height, width), dtype=numpy.float32)
    session.run(None, {name: picture})
    rates = [0.0] * workers  # frames a second, each by its own clock: slow nets end far apart
    begin = time.perf_counter()

    def work(worker):
        frames = 0
        while time.perf_counter() - begin < seconds:
            session.run(None, {name: picture})
            frames += 1
        rates[worker] = frames / (time.perf_counter() - begin)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"fps": sum(rates), "version": onnxruntime.__version__, "threads": cores}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5])
