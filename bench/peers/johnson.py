"""Writes the net that feed-forward style transfer is known by, with weights drawn at random.

usage: johnson.py FILE.onnx

It is the transformer net of Johnson, Alahi and Fei-Fei, "Perceptual Losses for Real-Time Style
Transfer and Super-Resolution" (2016), in the form that most people run: reflection padding,
instance norms (Ulyanov and others, 2016) and nearest upsampling before a convolution instead of
transposed convolutions. Pictures [1, 3, H, W] of any size whose sides are multiples of 4, RGB
0..255 in and out. What it paints is no painting; how fast it paints does not depend on that.
"""

import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8  # the one that goes with the operator set
SIZE_FREE = [1, 3, "height", "width"]


class Net:
    """A graph that grows by one operator at a time; every method returns its result's name."""

    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.nodes = []
        self.weights = []

    def constant(self, values, name):
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def node(self, operator, inputs, **attributes):
        name = f"{operator.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def convolution(self, given, shape, stride=1, gain=1.0, bias=0.0):
        """Padded by reflection. `shape` is [channels out, channels in, side, side]."""
        name = f"layer{len(self.nodes)}"
        margin = shape[2] // 2
        pads = numpy.array([0, 0, margin, margin] * 2, numpy.int64)
        padded = self.node("Pad", [given, self.constant(pads, f"{name}.pads")], mode="reflect")
        deviation = gain * numpy.sqrt(2 / numpy.prod(shape[1:]))  # He and others, 2015
        weight = (deviation * self.random.standard_normal(shape)).astype(numpy.float32)
        biases = numpy.full(shape[0], bias, numpy.float32)
        return self.node("Conv", [padded, self.constant(weight, f"{name}.weight"),
                                  self.constant(biases, f"{name}.bias")],
                         kernel_shape=shape[2:], strides=[stride, stride])

    def normed(self, given, shape, stride=1):
        given = self.convolution(given, shape, stride)
        name = f"norm{len(self.nodes)}"
        scale = (1 + 0.1 * self.random.standard_normal(shape[0])).astype(numpy.float32)
        shift = (0.1 * self.random.standard_normal(shape[0])).astype(numpy.float32)
        return self.node("InstanceNormalization",
                         [given, self.constant(scale, f"{name}.scale"),
                          self.constant(shift, f"{name}.shift")], epsilon=1e-5)

    def painted(self, given, shape, stride=1):
        return self.node("Relu", [self.normed(given, shape, stride)])

    def residual(self, given, channels):
        shape = [channels, channels, 3, 3]
        return self.node("Add", [given, self.normed(self.painted(given, shape), shape)])

    def doubled(self, given):
        name = f"twice{len(self.nodes)}"
        scales = self.constant(numpy.array([1, 1, 2, 2], numpy.float32), name)
        return self.node("Resize", [given, "", scales], mode="nearest",
                         coordinate_transformation_mode="asymmetric", nearest_mode="floor")


def johnson(seed=2016):
    net = Net(seed)
    at = net.painted("image", [32, 3, 9, 9])
    at = net.painted(at, [64, 32, 3, 3], stride=2)
    at = net.painted(at, [128, 64, 3, 3], stride=2)
    for _ in range(5):
        at = net.residual(at, 128)
    at = net.painted(net.doubled(at), [64, 128, 3, 3])
    at = net.painted(net.doubled(at), [32, 64, 3, 3])
    # What a norm and a ReLU leave has a mean square of a half: so the answer keeps within 0..255.
    net.convolution(at, [3, 32, 9, 9], gain=48, bias=127)
    net.nodes[-1].output[0] = "painted"
    graph = helper.make_graph(
        net.nodes, "johnson",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, SIZE_FREE)],
        [helper.make_tensor_value_info("painted", TensorProto.FLOAT, SIZE_FREE)], net.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)],
                              ir_version=IR_VERSION, producer_name="bench")
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    onnx.save(johnson(), sys.argv[1])
