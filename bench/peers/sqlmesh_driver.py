"""SQLMesh's side of the bench, through its own Python API. Prints one line of JSON.

    python sqlmesh_driver.py fill|load|plan|status PROJECT [GRAPH]

It does not write the project (sqlmesh.ts) nor judge what it prints.
"""

import json
import sys
import time

from sqlmesh.core.console import NoopConsole, set_console
from sqlmesh.core.context import Context
from sqlmesh.core.snapshot import SnapshotIntervals

DAY = 86_400_000


def fill(project, graph):
    """The models are promoted by a plan that makes their views and no rows; the filled intervals are then written
    into its state in one call, merged as SQLMesh's own compaction leaves them. Making 5 million partitions one by
    one would take it days, and what it plans from is only this state."""
    with open(graph) as file:
        made = json.load(file)
    context = Context(paths=project)
    context.plan("prod", skip_backfill=True, skip_tests=True, auto_apply=True, no_prompts=True, execution_time=end_of(made))
    first = int(time_of(made["first"]))
    intervals = []
    for asset in made["assets"]:
        snapshot = context.get_snapshot(f"bench.{asset['name']}", raise_if_missing=True)
        stretches = [(first + a * DAY, first + b * DAY) for a, b in asset["filled"]]
        intervals.append(
            SnapshotIntervals(
                name=snapshot.name,
                identifier=snapshot.identifier,
                version=snapshot.version,
                dev_version=snapshot.dev_version,
                intervals=stretches,
                dev_intervals=[],
            )
        )
    context.state_sync.add_snapshots_intervals(intervals)
    return {}


def time_of(day):
    from sqlmesh.utils.date import to_timestamp

    return to_timestamp(day)


def end_of(made):
    from sqlmesh.utils.date import to_datetime, to_timestamp

    return to_datetime(to_timestamp(made["last"]) + DAY)


def load(project, graph):
    return {"assets": len(Context(paths=project).models)}


def plan(project, graph):
    with open(graph) as file:
        end = end_of(json.load(file))
    context = Context(paths=project)
    started = time.perf_counter()
    found = context.plan_builder("prod", skip_tests=True, execution_time=end).build()
    missing = sum(len(each.intervals) for each in found.missing_intervals)
    return {"missing": missing, "asked": time.perf_counter() - started}


def status(project, graph):
    with open(graph) as file:
        made = json.load(file)
    context = Context(paths=project)
    started = time.perf_counter()
    found = context.check_intervals("prod", no_signals=False, select_models=[], start=made["first"], end=end_of(made))
    missing = sum(len(each.intervals) for each in found.values())
    return {"missing": missing, "asked": time.perf_counter() - started}


if __name__ == "__main__":
    set_console(NoopConsole())
    question, *arguments = sys.argv[1:]
    print(json.dumps({"fill": fill, "load": load, "plan": plan, "status": status}[question](*arguments)))
