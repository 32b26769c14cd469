"""mpirun starts the workers: one hands out the segments, and what dies or falls silent is replaced."""

import os
import shlex
import shutil
import signal
import unittest
from pathlib import Path

import hosts
from job_story import JobStory, is_alive
from support import INTERRUPTED, UNAVAILABLE, USAGE, environment, impasto, program

SECRET = "a-key-that-nobody-shall-see"
MPIRUNS = {"openmpi": "mpirun.openmpi --oversubscribe", "mpich": "mpirun.mpich"}
ACROSS_HOSTS = {
    "openmpi": "mpirun.openmpi --mca plm rsh --mca btl tcp,self --mca pml ob1"
               f" --mca btl_tcp_if_include {hosts.SUBNET}.0/24"
               f" --mca oob_tcp_if_include {hosts.SUBNET}.0/24",
    "mpich": "mpirun.mpich"}


def surroundings():
    # Open MPI asks root twice, and unloads plug-ins that have not given back all they took, so that
    # a sanitizer cannot tell whose that was.
    return {**environment(), "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


def ranks_of(job):
    """The processes that are ranks at a job."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[1:3] == [b"work", str(job).encode()] and is_alive(folder.name):
            found.append(int(folder.name))
    return found


class MpiStory(JobStory):

    def begin(self, *command):
        return self.begin_process(*command, env=surroundings())

    def mpi_run(self, mpi, *words):
        return self.begin(program(), "mpi-run", self.job, "--mpirun", MPIRUNS[mpi], *words)

    def expect(self, process, rc=0, seconds=200):
        out, err = process.communicate(timeout=seconds)
        self.assertEqual(process.returncode, rc, out + err)
        return out, err

    def share(self, run, job=None):
        """Holds up whoever paints first until somebody else paints as well."""
        def painters():
            found = [self.status(i, job) for i in range(3)]
            return [one["process"] for one in found if one and one["state"] == "painting"]
        first = self.until(painters, run)[0]
        os.kill(first, signal.SIGSTOP)
        self.until(lambda: set(painters()) - {first}, run)
        os.kill(first, signal.SIGCONT)

    def anew(self):
        """The job as it is planned."""
        shutil.rmtree(self.job, ignore_errors=True)
        (self.outputs / "out.mkv").unlink(missing_ok=True)
        self.plan()

    def expect_whole(self):
        self.do("finish", self.job)
        self.assertTrue((self.outputs / "out.mkv").read_bytes() == self.whole())


class Mpi(MpiStory):
    """One machine."""

    def test_ranks_share_a_job(self):
        for mpi, mpirun in MPIRUNS.items():
            with self.subTest(mpi=mpi):
                self.plan(target=f"{mpi}.mkv", job=self.folder / mpi)
                run = self.begin(*mpirun.split(), "-n", "2", program(), "work", self.folder / mpi,
                                 "--mpi")
                self.share(run, self.folder / mpi)
                out, err = self.expect(run)
                self.assertIn("3 segments painted, 0 were done", out)
                self.assertIn("100 %, 375/375 frames", err)
                painters = {self.status(i, self.folder / mpi)["process"] for i in range(3)}
                self.assertEqual(len(painters), 2)
                self.do("finish", self.folder / mpi)
                self.assertEqual((self.outputs / f"{mpi}.mkv").read_bytes(), self.whole())

    def test_ranks_that_share_processors_divide_them(self):
        self.plan()
        self.expect(self.begin(*MPIRUNS["openmpi"].split(), "--bind-to", "none", "-n", "2",
                               program(), "work", self.job, "--mpi"))
        processors = len(os.sched_getaffinity(0))
        self.assertEqual({self.status(i)["engine"]["threads"] for i in range(3)}, {max(1, processors // 2)})

    def test_without_mpirun_it_says_so(self):
        self.plan()
        self.assertIn("mpirun", self.do("work", self.job, "--mpi", rc=USAGE).err)

    def test_what_is_wrong_is_said_once(self):
        for mpi, mpirun in MPIRUNS.items():
            with self.subTest(mpi=mpi):
                process = self.begin(program(), "mpi-run", self.folder / "none", "--mpirun", mpirun)
                out, err = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 65, out + err)
                self.assertEqual(err.count("there is no job"), 1, err)
        self.plan()
        result = impasto("mpi-run", self.job, "--mpirun", "mpirun-that-is-not-there")
        self.assertEqual(result.rc, UNAVAILABLE)
        self.assertIn("'mpirun-that-is-not-there' cannot be started", result.err)

    def test_a_rank_that_dies_is_replaced(self):
        for mpi in MPIRUNS:
            for victim in (0, 1):
                with self.subTest(mpi=mpi, victim=victim):
                    self.anew()
                    run = self.mpi_run(mpi, "-n", "2")
                    self.painting(run, 0, 1)
                    ranks = self.until(lambda: sorted(ranks_of(self.job))[:2] * (
                        len(ranks_of(self.job)) == 2), run)
                    os.kill(ranks[victim], signal.SIGKILL)
                    out, err = self.expect(run)
                    self.assertIn("mpirun is started again", err)
                    self.assertIn("mpirun was started 2 times", out)
                    self.expect_whole()

    def test_it_is_given_up_at_last(self):
        self.plan()
        run = self.begin(program(), "mpi-run", self.job, "--mpirun",
                         "mpirun.openmpi --mca orte_there_is_no_such 1 --no-such-option",
                         "--relaunches", "1")
        _, err = self.expect(run, UNAVAILABLE)
        self.assertIn("it was tried 2 times in a row to start mpirun, and nothing was painted", err)

    def test_a_segment_that_cannot_be_painted_is_final(self):
        self.plan()
        run = self.mpi_run("openmpi", "-n", "2", "--retries", "0", "--segment-timeout", "0.01")
        out, err = self.expect(run, UNAVAILABLE)
        self.assertIn("3 segments of", err)
        self.assertNotIn("started again", err)

    def test_it_stops_when_told(self):
        """What is begun is finished, or dropped where nobody can tell yet how long it takes; the
        same command goes on."""
        for mpi in MPIRUNS:
            with self.subTest(mpi=mpi):
                self.anew()
                run = self.mpi_run(mpi, "-n", "2", "--grace", "1000")
                self.painting(run, 0, 1)
                self.until(lambda: len(ranks_of(self.job)) == 2, run)
                self.painting(run, 1, 1)
                run.send_signal(signal.SIGTERM)
                self.expect(run, INTERRUPTED)
                for i in (0, 1):
                    status = self.status(i)
                    self.assertIn(status["state"], ("done", "stopped"))
                    self.assertEqual(status["forgiven"], int(status["state"] == "stopped"))
                self.assertFalse(ranks_of(self.job))
                self.expect(self.mpi_run(mpi, "-n", "2"))
                self.expect_whole()

    def test_nothing_outlives_it(self):
        for mpi in MPIRUNS:
            with self.subTest(mpi=mpi):
                self.anew()
                run = self.mpi_run(mpi, "-n", "2", "--grace", "0")
                self.painting(run, 0, 1)
                ranks = self.until(lambda: len(ranks_of(self.job)) == 2 and ranks_of(self.job), run)
                run.kill()
                run.wait()
                self.until(lambda: not any(map(is_alive, ranks)), seconds=30)


WHY_NOT = hosts.why_not()


@unittest.skipIf(WHY_NOT, str(WHY_NOT))
class MpiOnHosts(MpiStory):
    """Three machines."""

    def setUp(self):
        super().setUp()
        self.hosts = hosts.Hosts(self.folder / "hosts", 3)
        self.addCleanup(self.hosts.close)

    def across(self, mpi, *words, names=("h1", "h2", "h3")):
        """mpi-run, on h1."""
        file = self.folder / "environment"
        wanted = {name: value for name, value in surroundings().items()
                  if name.startswith(("IMPASTO", "XDG_", "OMPI_"))}
        # MPICH's transport takes all for one host, by the kernel's name of it.
        wanted.update(UCX_TLS="tcp,self", AWS_SECRET_ACCESS_KEY=SECRET)
        file.write_text("".join(f"{name}={shlex.quote(value)}\n"
                                for name, value in wanted.items()))
        words = [program(), "mpi-run", self.job, "--mpirun", ACROSS_HOSTS[mpi], "--agent",
                 self.hosts.agent, "--hosts", ",".join(names), "--silence", "4", *words]
        return self.begin(self.hosts.agent, "h1", f"set -a; . {file}; exec",
                          *(shlex.quote(str(word)) for word in words))

    def held_worker(self, run, host):
        """The number of a segment that is being painted on a host, whose painting is held up."""
        def look():
            for i in range(3):
                status = self.status(i)
                if status and status["state"] == "painting" and status["host"] == host:
                    os.kill(status["process"], signal.SIGSTOP)
                    return [i]
            return None
        return self.until(look, run)[0]

    def test_hosts_share_a_job(self):
        for mpi in MPIRUNS:
            with self.subTest(mpi=mpi):
                self.anew()
                run = self.across(mpi)
                self.share(run)
                self.expect(run)
                self.assertGreater(len({self.status(i)["host"] for i in range(3)}), 1)
                self.expect_whole()

    def test_variables_for_stores_reach_every_rank_and_no_command_line(self):
        for mpi in MPIRUNS:
            with self.subTest(mpi=mpi):
                self.anew()
                run = self.across(mpi)
                ranks = self.until(
                    lambda: len(ranks_of(self.job)) == 3 and ranks_of(self.job), run)
                for rank in ranks:
                    variables = Path(f"/proc/{rank}/environ").read_bytes().split(b"\0")
                    self.assertIn(f"AWS_SECRET_ACCESS_KEY={SECRET}".encode(), variables)
                for process in Path("/proc").glob("[0-9]*"):
                    try:
                        self.assertNotIn(SECRET.encode(), (process / "cmdline").read_bytes())
                    except OSError:
                        pass  # it is gone
                self.expect(run)

    def test_a_host_that_is_cut_off_holds_nobody_up(self):
        for mpi in MPIRUNS:
            with self.subTest(mpi=mpi):
                self.anew()
                run = self.across(mpi)
                segment = self.held_worker(run, "h3")
                self.hosts.cut("h3")
                out, err = self.expect(run, seconds=150)
                self.assertRegex(err, "rank 2 on h3 has given no sign for 4 s")
                self.assertIn("3 segments painted", out)
                self.assertIn(self.status(segment)["host"], ("h1", "h2"))
                self.expect_whole()
                self.hosts.close()
                self.hosts = hosts.Hosts(self.folder / f"after-{mpi}", 3)

    def test_hosts_that_come_later_are_waited_for(self):
        self.plan()
        for host in ("h2", "h3"):
            self.hosts.cut(host)
        run = self.across("openmpi", names=("h2", "h3"))
        while "no host answered" not in (line := run.stderr.readline()):
            self.assertTrue(line)
        self.hosts.cut("h3", cut=False)
        out, err = self.expect(run)
        self.assertIn("3 segments painted", out)
        self.assertEqual({self.status(i)["host"] for i in range(3)}, {"h3"})

    def test_rank_zero_cut_off_is_replaced(self):
        """The hosts that still answer go on with what is missing."""
        for mpi in MPIRUNS:
            with self.subTest(mpi=mpi):
                self.anew()
                run = self.across(mpi, names=("h2", "h3"))
                self.held_worker(run, "h2")
                self.hosts.cut("h2")
                out, err = self.expect(run, seconds=150)
                self.assertRegex(err, r"rank 0 gave no sign for \d+ s")
                self.assertIn("no answer from h2", err)
                self.expect_whole()
                self.hosts.close()
                self.hosts = hosts.Hosts(self.folder / f"after-{mpi}", 3)


if __name__ == "__main__":
    unittest.main()
