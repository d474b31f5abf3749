"""One contract for threads, processes and a dask cluster: the same bytes, and nothing is lost to what goes wrong."""

import errno
import functools
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import joblib
import numpy as np
import pytest

import choosing_runs as runs
from choosing_runs import contents, small_plan
from unbend import files
from unbend.choosing import engine as engine_module
from unbend.choosing import workers as workers_module
from unbend.choosing.engine import run
from unbend.choosing.shard import constant_score, points_of
from unbend.choosing.store import Failure, failure_path, read_failures, shard_path, write_failure, write_shard
from unbend.choosing.study import read_study
from unbend.errors import UnbendError
from unbend.training.interrupts import Stop, noted_interrupts

ENGINES = ("threads", "loky", "dask")
IN_PROCESSES = ("loky", "dask")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with joblib.parallel_config("sequential"):
        assert run(small_plan(), folder) == ()
    return folder


def local_cluster(count=2):
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=count, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1", silence_logs=50
    )


@pytest.fixture(scope="module")
def scheduler():
    with local_cluster() as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def mortal_scheduler():
    """One whose workers die, and that may not get all of them back."""
    with local_cluster() as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def where(request):
    """Arguments of `run` by the name of an engine; a cluster begins when it is wanted."""

    def chosen(engine, mortal=False):
        if engine == "dask":
            return {"scheduler": request.getfixturevalue("mortal_scheduler" if mortal else "scheduler")}
        return {"workers": 2} if engine == "loky" else {}

    return chosen


def drive(folder, where=(), what="slow"):
    """A driver in a process of its own."""
    place = str(next(iter(where.values()))) if where else ""
    return subprocess.Popen(
        [sys.executable, runs.__file__, str(folder), place, what], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def wait_for_shards(folder, count, driver):
    shards = Path(folder) / "shards"
    while driver.poll() is None and (not shards.is_dir() or len(list(shards.glob("*.parquet"))) < count):
        time.sleep(0.005)


# ---------------------------------------------------------------------- the contract
@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_bytes_whoever_does_the_work(engine, where, finished, tmp_path):
    assert run(small_plan(), tmp_path, **where(engine)) == ()
    assert contents(tmp_path) == contents(finished)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_error_in_a_shard_is_told_counted_and_tried_again(engine, where, finished, tmp_path):
    plan = small_plan()
    (failure,) = run(plan, tmp_path, **where(engine), work=runs.raises)
    assert (failure.arm, failure.split, failure.poisoned) == (*runs.BAD, False)
    assert failure.reason == "ArithmeticError: the moon is full"
    assert "in raises" in failure.traceback
    study = read_study(plan, tmp_path)
    assert (study.failures, len(study.splits), study.complete) == ((failure,), 6, False)
    constant = np.mean([constant_score(plan, points) for points in points_of(plan, failure.split)])
    assert study.scores.values[runs.BAD] == pytest.approx(constant)
    assert study.scores.failures.tolist() == [0, pytest.approx(1 / 6)]
    assert run(plan, tmp_path, **where(engine)) == ()
    assert contents(tmp_path) == contents(finished)
    assert read_study(plan, tmp_path).complete
    assert not list((tmp_path / "failures").iterdir())


@pytest.mark.parametrize("engine", IN_PROCESSES)
def test_a_worker_that_is_killed_costs_nothing(engine, where, finished, tmp_path):
    work = functools.partial(runs.kills_once, str(tmp_path / "marker"))
    assert run(small_plan(), tmp_path / "run", **where(engine, mortal=True), work=work) == ()
    assert contents(tmp_path / "run") == contents(finished)


@pytest.mark.parametrize("engine", IN_PROCESSES)
def test_a_shard_that_kills_its_processes_is_reported_and_the_rest_is_done(engine, where, finished, tmp_path):
    (failure,) = run(small_plan(), tmp_path, **where(engine, mortal=True), work=runs.kills)
    assert (failure.arm, failure.split, failure.poisoned) == (*runs.BAD, True)
    assert re.search(r"died [34] times", failure.reason)
    there, whole = contents(tmp_path), contents(finished)
    assert len(there) == len(whole) - 1
    assert there.items() <= whole.items()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_driver_that_is_killed_loses_nothing(engine, where, finished, tmp_path):
    driver = drive(tmp_path, where(engine))
    wait_for_shards(tmp_path, 3, driver)
    driver.kill()
    driver.communicate()
    assert 3 <= len(list((tmp_path / "shards").glob("*.parquet"))) < 12
    assert run(small_plan(), tmp_path, **where(engine)) == ()
    assert contents(tmp_path) == contents(finished)


# ---------------------------------------------------------------------- kill −9, Ctrl-C, two at a time
def test_killed_at_any_moment_and_resumed_until_the_end(finished, tmp_path):
    for wait in (0.6, 0.02, 0.11, 0.3):
        driver = drive(tmp_path)
        driver.stdout.readline()
        time.sleep(wait)
        driver.kill()
        driver.communicate()
    run(small_plan(), tmp_path)
    assert contents(tmp_path) == contents(finished)
    study, undisturbed = read_study(small_plan(), tmp_path), read_study(small_plan(), finished)
    assert np.array_equal(study.scores.values, undisturbed.scores.values)


def test_two_drivers_on_one_run_do_no_harm(finished, tmp_path):
    drivers = [drive(tmp_path) for _ in range(2)]
    assert [(driver.communicate()[1], driver.returncode) for driver in drivers] == [("", 0)] * 2
    assert contents(tmp_path) == contents(finished)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_interrupt_keeps_what_is_finished(engine, where, tmp_path):
    driver = drive(tmp_path, where(engine))
    wait_for_shards(tmp_path, 3, driver)
    driver.send_signal(signal.SIGINT)
    said = driver.communicate()[1]
    assert (driver.returncode, "Traceback" in said) == (130, False)
    assert 3 <= len(contents(tmp_path)) < 12
    assert not [name for name in contents(tmp_path) if ".part" in name]


@pytest.mark.parametrize("engine", ["threads", "loky"])
def test_an_interrupt_ends_long_training(engine, where, tmp_path):
    driver = drive(tmp_path, where(engine), "long")
    driver.stdout.readline()
    time.sleep(1)
    driver.send_signal(signal.SIGINT)
    driver.communicate(timeout=20)
    assert driver.returncode == 130
    assert contents(tmp_path) == {}


def test_processes_do_not_outlive_a_killed_driver(tmp_path):
    driver = drive(tmp_path, {"workers": 2})
    wait_for_shards(tmp_path, 1, driver)
    children = Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text().split()
    driver.kill()
    driver.communicate()
    assert children
    while any(_alive(int(child)) for child in children):
        time.sleep(0.05)


def _alive(process):
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


# ---------------------------------------------------------------------- the user's choice of workers
@pytest.mark.parametrize(
    ("backend", "jobs", "kind", "width"),
    [
        ("threading", 3, "Threads", 3), ("sequential", None, "Threads", 1), ("loky", 2, "Processes", 2),
        ("multiprocessing", 2, "Processes", 2), ("threading", -1, "Threads", joblib.cpu_count()),
    ],
)  # fmt: skip
def test_the_context_of_joblib_decides(backend, jobs, kind, width):
    with (
        joblib.parallel_config(backend, n_jobs=jobs),
        workers_module.workers_for(small_plan(), runs.slow, Stop()) as found,
    ):
        assert (type(found).__name__, found.width()) == (kind, width)


def test_without_a_context_there_is_a_thread_for_each_processor():
    with workers_module.workers_for(small_plan(), runs.slow, Stop()) as found:
        assert (type(found).__name__, found.width()) == ("Threads", joblib.cpu_count())


def test_the_context_of_dask_decides(scheduler, finished, tmp_path):
    from distributed import Client

    with Client(scheduler) as client, joblib.parallel_config("dask", client=client):
        assert run(small_plan(), tmp_path) == ()
    assert contents(tmp_path) == contents(finished)


def test_what_cannot_work_is_said(tmp_path, monkeypatch):
    with pytest.raises(UnbendError, match="0 workers cannot do anything; ask for 1 or more"):
        run(small_plan(), tmp_path, workers=0)
    monkeypatch.setattr(workers_module, "CONNECT_SECONDS", 0.5)
    with pytest.raises(UnbendError, match=r"no dask scheduler answers at 'tcp://127.0.0.1:1'; start one with: dask"):
        run(small_plan(), tmp_path, scheduler="tcp://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnbendError, match=r"install it with: python -m pip install 'unbend\[cluster\]'"):
        run(small_plan(), tmp_path, scheduler="tcp://127.0.0.1:1")


def test_a_scheduler_without_workers_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(workers_module, "FIRST_WORKER_SECONDS", 0.5)
    said = r"no worker has come to the scheduler at 'tcp://127.*start some with: dask worker tcp://"
    with local_cluster(0) as cluster, pytest.raises(UnbendError, match=said):
        run(small_plan(), tmp_path, scheduler=cluster.scheduler_address)


@pytest.mark.parametrize(
    ("leave", "said"),
    [
        (lambda cluster: cluster.scale(0), r"has had no workers for 0.5 seconds; what is finished is kept"),
        (lambda cluster: cluster.close(), r"the connection to the dask scheduler was lost; what is finished is kept"),
    ],
)
def test_a_cluster_that_goes_away_is_said(leave, said, finished, tmp_path, monkeypatch):
    monkeypatch.setattr(workers_module, "GONE_SECONDS", 0.5)
    monkeypatch.setattr(workers_module, "CONNECT_SECONDS", 2)
    written = []

    with local_cluster() as cluster:

        def write_and_leave(path, columns):
            write_shard(path, columns)
            written.append(path)
            if len(written) == 2:
                leave(cluster)

        monkeypatch.setattr(engine_module, "write_shard", write_and_leave)
        with pytest.raises(UnbendError, match=said):
            run(small_plan(), tmp_path, scheduler=cluster.scheduler_address)
    assert 2 <= len(contents(tmp_path)) < 12
    assert contents(tmp_path).items() <= contents(finished).items()


# ---------------------------------------------------------------------- disks and damage
def test_a_full_disk_is_said_and_the_run_goes_on_later(finished, tmp_path):
    driver = drive(tmp_path, what="full")
    said = driver.communicate()[1]
    assert driver.returncode == 2
    assert re.search(r"^the disk is full while writing '.*parquet'; free some space and run: unbend resume /", said)
    assert contents(tmp_path) == {}
    run(small_plan(), tmp_path)
    assert contents(tmp_path) == contents(finished)


def test_the_error_of_a_full_device_is_known(tmp_path, monkeypatch):
    from pyarrow import parquet

    real = parquet.write_table

    def write_to_full_device(table, _, **options):
        with Path("/dev/full").open("wb", buffering=0) as device:  # a path would be removed by pyarrow
            real(table, device, **options)

    monkeypatch.setattr(parquet, "write_table", write_to_full_device)
    (tmp_path / "a run" / "shards").mkdir(parents=True)
    with pytest.raises(UnbendError, match=r"the disk is full .* and run: unbend resume '.*/a run'"):
        write_shard(tmp_path / "a run" / "shards" / "a.parquet", {name: [] for name in COLUMNS})
    assert not list((tmp_path / "a run" / "shards").iterdir())


COLUMNS = (
    "learning_rate", "seed", "epoch", "validation_loss", "test_score", "diverged_at", "chosen", "train_loss",
    "validation_losses", "dead", "saturated", "gradient_first", "gradient_last",
)  # fmt: skip


def test_a_folder_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(UnbendError, match=r"cannot write '.*/file/run': Not a directory; choose another place"):
        run(small_plan(), tmp_path / "file" / "run")

    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    run(small_plan(), tmp_path / "run", work=runs.raises)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UnbendError, match="Read-only file system; make the folder writable and run: unbend resume"):
        run(small_plan(), tmp_path / "run")


def test_what_killed_writers_left_is_removed_and_a_living_writer_is_not_harmed(finished, tmp_path):
    run(small_plan(), tmp_path)
    shards, here = tmp_path / "shards", files._host()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    gone = shards / f".a.{here}-{dead.pid}-1.part.parquet"
    living = shards / f".b.{here}-{os.getppid()}-1.part.parquet"
    elsewhere = shards / f".c.00000000-{dead.pid}-1.part.parquet"
    old = shards / f".d.00000000-{os.getpid()}-1.part.parquet"
    for path in (gone, living, elsewhere, old):
        path.touch()
    os.utime(old, (0, 0))
    run(small_plan(), tmp_path)
    assert [path.exists() for path in (gone, living, elsewhere, old)] == [False, True, True, False]


def test_a_run_in_which_everything_fails_is_an_error(tmp_path):
    with pytest.raises(UnbendError, match="no network could be trained, the first because of: TypeError"):
        run(small_plan(), tmp_path, work=lambda: {})


def test_a_damaged_failure_is_noticed(tmp_path):
    plan = small_plan()
    run(plan, tmp_path, work=runs.raises)
    path = failure_path(tmp_path, plan.key(*runs.BAD))
    for text in ("{", "[]", '{"arms": 1}'):
        path.write_text(text)
        with pytest.raises(UnbendError, match="is damaged; delete it and resume the run"):
            read_failures(tmp_path, plan)


def test_a_failure_of_a_shard_that_is_there_does_not_count(finished, tmp_path):
    plan = small_plan()
    run(plan, tmp_path)
    write_failure(failure_path(tmp_path, plan.key(0, 0)), Failure(0, 0, "before"))
    assert read_failures(tmp_path, plan) == ()
    assert shard_path(tmp_path, plan.key(0, 0)).exists()


# ---------------------------------------------------------------------- stops
def test_a_stop_reaches_work_that_begins_later():
    stop, told = Stop(), []
    stop.ask()

    def work():
        with stop.heard(), noted_interrupts(lambda: told.append("stopped")):
            pass

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert told == ["stopped"]
