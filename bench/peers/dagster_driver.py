"""Dagster's side of the bench, through its own Python API. Prints one line of JSON.

    python dagster_driver.py fill|load|plan|stale|status PROJECT GRAPH

Definitions are made from the graph by a loop, as its users do for many tables. It does not judge what it prints.
"""

import json
import os
import sqlite3
import sys
import time

import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest
from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value


def definitions_of(made):
    days = dg.DailyPartitionsDefinition(start_date=made["first"], end_date=day_after(made["last"]))

    def asset_of(asset):
        windows = {}
        for edge in asset["upstream"]:
            windows.setdefault(edge["upstream"], []).append(edge["days"])
        deps = [dg.AssetDep(upstream, partition_mapping=mapping_of(lengths)) for upstream, lengths in windows.items()]

        @dg.asset(name=asset["name"], partitions_def=days, deps=deps, code_version="1")
        def made_asset():
            pass

        return made_asset

    return dg.Definitions(assets=[asset_of(asset) for asset in made["assets"]])


def mapping_of(lengths):
    """An asset can depend on another only once: where it reads one through two windows, the wider holds both."""
    if max(lengths) == 0:
        return dg.TimeWindowPartitionMapping()
    return dg.TimeWindowPartitionMapping(
        start_offset=-max(lengths),
        end_offset=0 if 0 in lengths else -1,
        allow_nonexistent_upstream_partitions=True,
    )


def day_after(day):
    from datetime import date, timedelta

    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def instance_of(project):
    """On SQLite in the project's folder, as `dagster dev` makes it."""
    home = os.path.abspath(os.path.join(project, "home"))
    os.makedirs(home, exist_ok=True)
    with open(os.path.join(home, "dagster.yaml"), "w") as file:
        file.write("telemetry: {enabled: false}\n")
    return dg.DagsterInstance.from_config(home)


def fill(project, made):
    """Of each asset, upstream first, the first and the last filled partition are reported through the instance, with
    the version and provenance tags that a run would give them. The rest are rows of the event log that repeat the
    first event with another partition: reported one by one they would take hours. The status is read once, so that
    its cache is as warm as where someone looks at the page."""
    instance = instance_of(project)
    graph = definitions_of(made).resolve_asset_graph()
    days = None
    newest = {}
    log = os.path.join(project, "home", "history", "runs", "index.db")
    for asset in made["assets"]:
        key = dg.AssetKey(asset["name"])
        days = days or graph.get(key).partitions_def.get_partition_keys()
        filled = [day for a, b in asset["filled"] for day in days[a:b]]
        if not filled:
            continue
        tags = {"dagster/data_version": "1", "dagster/code_version": "1"}
        for edge in asset["upstream"]:
            tags[f"dagster/input_data_version/{edge['upstream']}"] = "1"
            tags[f"dagster/input_event_pointer/{edge['upstream']}"] = str(newest.get(edge["upstream"], 0))

        def report(day):
            instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=day, tags=tags))

        report(filled[0])
        database = sqlite3.connect(log)
        names = "run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition"
        row = database.execute(f"SELECT {names} FROM event_logs ORDER BY id DESC LIMIT 1").fetchone()
        run, event, kind, at, step, asset_key, _ = row
        parts = event.split(json.dumps(filled[0]))
        database.executemany(
            f"INSERT INTO event_logs ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((run, json.dumps(day).join(parts), kind, at, step, asset_key, day) for day in filled[1:-1]),
        )
        database.commit()
        database.close()
        if len(filled) > 1:
            report(filled[-1])
        newest[asset["name"]] = newest_id(log)
    status(project, made)
    return {}


def newest_id(log):
    database = sqlite3.connect(log)
    found = database.execute("SELECT MAX(id) FROM event_logs").fetchone()[0]
    database.close()
    return found


def load(project, made):
    definitions = definitions_of(made)
    dg.Definitions.validate_loadable(definitions)
    return {"assets": len(definitions.resolve_asset_graph().get_all_asset_keys())}


def plan(project, made):
    """Which partitions were never materialized: what a backfill of the missing ones begins with."""
    instance = instance_of(project)
    graph = definitions_of(made).resolve_asset_graph()
    started = time.perf_counter()
    missing = 0
    for key in graph.toposorted_asset_keys:
        days = graph.get(key).partitions_def
        there = instance.get_materialized_partitions(key)
        missing += sum(1 for day in days.get_partition_keys() if day not in there)
    return {"missing": missing, "asked": time.perf_counter() - started}


def stale(project, made):
    """Missing, stale or fresh of every partition, from the resolver behind its page and its command line."""
    instance = instance_of(project)
    graph = definitions_of(made).resolve_asset_graph()
    started = time.perf_counter()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    counts = {status: 0 for status in StaleStatus}
    for key in graph.toposorted_asset_keys:
        for day in graph.get(key).partitions_def.get_partition_keys():
            counts[resolver.get_status(key, day)] += 1
    asked = time.perf_counter() - started
    return {"missing": counts[StaleStatus.MISSING], "stale": counts[StaleStatus.STALE], "asked": asked}


def status(project, made):
    """Materialized, failed and in progress of each asset: the cache that its page reads, brought up to date."""
    instance = instance_of(project)
    graph = definitions_of(made).resolve_asset_graph()
    started = time.perf_counter()
    missing = 0
    for key in graph.toposorted_asset_keys:
        days = graph.get(key).partitions_def
        value = get_and_update_asset_status_cache_value(instance, key, days)
        there = 0 if value is None else len(value.deserialize_materialized_partition_subsets(days))
        missing += days.get_num_partitions() - there
    return {"missing": missing, "asked": time.perf_counter() - started}


if __name__ == "__main__":
    question, project, graph = sys.argv[1:]
    with open(graph) as file:
        made = json.load(file)
    answers = {"fill": fill, "load": load, "plan": plan, "stale": stale, "status": status}
    print(json.dumps(answers[question](project, made)))
