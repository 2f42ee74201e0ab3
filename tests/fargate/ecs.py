"""ECS as AWS answers it, over an emulator that accepts nearly everything: refusals, fates of tasks, eventual views."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from tests.fargate import refusals
from tests.fargate.faults import OF_RUNS, failures_of
from tests.fargate.refusals import Refusal
from tests.fargate.upstream import ECS, LOGS, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.fargate.faults import Fault, Faults
    from tests.fargate.upstream import Caller, Upstream

Params = dict[str, Any]

STOP_DELAY: Final = 0.3
"""Seconds at least in which a task that was stopped still runs; AWS takes up to stopTimeout and more."""
NOWHERE: Final = "127.0.0.1:1/rig/none:1"
TWIN: Final = "rig-twin"
"""The family of a definition of the rig's own, whose image can't be pulled; no list shows it."""
NO_GROUP: Final = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to "
    "create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1"
)


class Fate(Struct, frozen=True, kw_only=True):
    """How a task ends whatever it does; `starts`: whether its container runs until then."""

    code: str
    reason: str
    exit: int | None = None
    container: str = ""
    starts: bool = False


FATES: Final[Mapping[str, Fate]] = {
    # reproio/wrapbox#53
    "spot": Fate(code="SpotInterruption", reason="Your Spot Task was interrupted.", exit=137, starts=True),
    "oom": Fate(
        code="EssentialContainerExited",
        reason="Essential container in task exited",
        exit=137,
        container="OutOfMemoryError: Container killed due to memory usage",
        starts=True,
    ),
    # aws/containers-roadmap#2687
    "cannot_pull": Fate(
        code="TaskFailedToStart",
        reason="CannotPullContainerError: pull image manifest has been retried 1 time(s): "
        "failed to resolve ref {image}: not found",
    ),
    "no_group": Fate(code="TaskFailedToStart", reason=NO_GROUP),
}


class Task(Struct, kw_only=True):
    """What the rig knows of a task beyond the emulator."""

    arn: str
    cluster: str
    definition: str
    unseen: int = 0
    fate: Fate | None = None
    killed: bool = False
    stop: str | None = None
    stopped: float = 0.0
    ended: bool = False
    final: Params | None = None


class Definition(Struct, kw_only=True):
    """A definition as it was registered, and its status."""

    arn: str
    family: str
    status: str
    params: Params


class Ecs:
    """Answers ECS's requests; `kill` ends the containers of a task as a machine that is taken away does."""

    def __init__(self, upstream: Upstream, faults: Faults, kill: Callable[[str], None]) -> None:
        self._upstream = upstream
        self._faults = faults
        self._kill = kill
        self._lock = threading.RLock()
        self._tasks: dict[str, Task] = {}
        self._definitions: dict[str, Definition] = {}
        self._tokens: dict[tuple[str, str], tuple[threading.Lock, list[Any]]] = {}
        self._stopping: list[threading.Thread] = []

    def answer(self, operation: str, params: Params, caller: Caller) -> Params:
        """Return the answer to a request; raise RefusedError where AWS refuses it."""
        own = getattr(self, f"_do_{operation}", None)
        found: Params = own(params, caller) if own else self._ask(operation, params, caller)
        return found

    def join(self) -> None:
        """Wait for the tasks that are being stopped."""
        for thread in self._stopping:
            thread.join()

    # definitions

    def _do_RegisterTaskDefinition(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        _refuse(refusals.definition_refusal(params))
        answer = self._ask("RegisterTaskDefinition", {**params, "containerDefinitions": _runnable(params)}, caller)
        found = answer["taskDefinition"]
        found["containerDefinitions"] = params["containerDefinitions"]
        with self._lock:
            self._definitions[found["taskDefinitionArn"]] = Definition(
                arn=found["taskDefinitionArn"], family=params["family"], status="ACTIVE", params=params
            )
        return _without_blanks(answer, "taskDefinition")

    def _do_DescribeTaskDefinition(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        known = self._definition(params.get("taskDefinition", ""), caller)
        if known is None:
            raise RefusedError(Refusal("ClientException", "Unable to describe task definition."))
        answer = self._ask("DescribeTaskDefinition", {**params, "taskDefinition": known.arn}, caller)
        answer["taskDefinition"]["containerDefinitions"] = known.params["containerDefinitions"]
        return _without_blanks(answer, "taskDefinition")

    def _do_DeregisterTaskDefinition(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        known = self._definition(params.get("taskDefinition", ""), caller)
        if known is None or ":" not in params["taskDefinition"]:
            raise RefusedError(Refusal("ClientException", "Invalid revision number. Number: null"))
        answer = self._ask("DeregisterTaskDefinition", {"taskDefinition": known.arn}, caller)
        if known.status == "ACTIVE":
            known.status = "INACTIVE"
        return answer

    def _do_DeleteTaskDefinitions(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        _refuse(refusals.delete_refusal(params))
        gone: list[Any] = []
        failures: list[Any] = []
        for name in params["taskDefinitions"]:
            known = self._definition(name, caller)
            if known is None or known.status == "ACTIVE":
                reason = "MISSING" if known is None else refusals.STILL_ACTIVE
                failures.append({"arn": name, "reason": reason})
                continue
            gone += self._ask("DeleteTaskDefinitions", {"taskDefinitions": [known.arn]}, caller)["taskDefinitions"]
            known.status = "DELETE_IN_PROGRESS"
        return {"taskDefinitions": gone, "failures": failures}

    def _do_ListTaskDefinitions(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        """The name of the filter is familyPrefix, but it is the whole name of a family: [model]."""
        status, family = params.get("status", "ACTIVE"), params.get("familyPrefix")
        found = [row.arn for row in self._own(caller) if row.status == status and family in (None, row.family)]
        return self._page(found if params.get("sort") != "DESC" else found[::-1], params, "taskDefinitionArns")

    def _do_ListTaskDefinitionFamilies(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        wanted = params.get("status", "ALL")
        of: dict[str, set[str]] = {}
        for row in self._own(caller):
            if row.family.startswith(params.get("familyPrefix", "")) and row.status != "DELETE_IN_PROGRESS":
                of.setdefault(row.family, set()).add(row.status)
        states = {family: "ACTIVE" if "ACTIVE" in found else "INACTIVE" for family, found in of.items()}
        return self._page(
            sorted(name for name, state in states.items() if wanted in ("ALL", state)), params, "families"
        )

    def _own(self, caller: Caller) -> list[Definition]:
        with self._lock:
            rows = list(self._definitions.values())
        return [row for row in rows if f":ecs:{caller.region}:" in row.arn and row.family != TWIN]

    def _definition(self, name: str, caller: Caller) -> Definition | None:
        """Return a definition by its ARN, family:revision, or family: the newest active one."""
        rows = self._own(caller)
        if ":" in name:
            return next((row for row in rows if name in (row.arn, row.arn.rpartition("/")[2])), None)
        return next((row for row in reversed(rows) if row.family == name and row.status == "ACTIVE"), None)

    # tasks

    def _do_RunTask(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        cluster = self._cluster(params, caller)
        definition = self._definition(params.get("taskDefinition", ""), caller)
        token = params.get("clientToken") or ""
        with self._lock:
            lock, before = self._tokens.setdefault((cluster, token), (threading.Lock(), []))
        if not token:
            return self._run(params, definition, cluster, caller)
        asked = json.dumps(params, sort_keys=True)
        with lock:
            if before and before[0] != asked:
                raise RefusedError(refusals.conflict(before[1]))
            if before:
                return self._described(before[1], cluster, caller, include=())
            answer = self._run(params, definition, cluster, caller)
            if answer["tasks"]:
                before[:] = [asked, [task["taskArn"] for task in answer["tasks"]]]
            return answer

    def _run(self, params: Params, definition: Definition | None, cluster: str, caller: Caller) -> Params:
        known = {**definition.params, "status": definition.status} if definition else None
        _refuse(refusals.run_refusal(params, known))
        assert definition is not None
        fault = self._faults.take(OF_RUNS, operation="RunTask", key=caller.key)
        if fault and (nothing := failures_of(fault)) is not None:
            return nothing
        fate = self._fate(fault, definition, caller)
        asked = {key: value for key, value in params.items() if key != "clientToken"}
        asked["taskDefinition"] = definition.arn if fate is None or fate.starts else self._twin(caller)
        answer = self._ask("RunTask", asked, caller)
        for task in answer["tasks"]:
            with self._lock:
                self._tasks[task["taskArn"]] = Task(
                    arn=task["taskArn"],
                    cluster=cluster,
                    definition=definition.arn,
                    fate=fate,
                    unseen=fault.asks if fault and fault.kind == "missing" else 0,
                )
        answer["tasks"] = [self._overlaid(task) for task in answer["tasks"]]
        return answer

    def _fate(self, fault: Fault | None, definition: Definition, caller: Caller) -> Fate | None:
        """Return what a fault, or a log group that is not there, does to a task."""
        image = definition.params["containerDefinitions"][0]["image"]
        for container in definition.params["containerDefinitions"]:
            log = container.get("logConfiguration") or {}
            options = log.get("options") or {}
            if log.get("logDriver") != "awslogs" or options.get("awslogs-create-group") == "true":
                continue
            group = options.get("awslogs-group", "")
            groups = self._upstream.ask(LOGS, "DescribeLogGroups", {"logGroupNamePrefix": group}, caller)
            if group not in [row["logGroupName"] for row in groups.get("logGroups", ())]:
                return FATES["no_group"]
        fate = FATES.get(fault.kind) if fault else None
        if fate is None:
            return None
        return Fate(**{**_fields(fate), "reason": fate.reason.format(image=image)})

    def _twin(self, caller: Caller) -> str:
        """Return a definition whose image is nowhere, so that a task of it fails at its start."""
        with self._lock:
            known = next((row.arn for row in self._definitions.values() if row.family == TWIN), "")
            if known:
                return known
            container = {"name": "cell", "image": NOWHERE, "essential": True}
            params = {"family": TWIN, "networkMode": "awsvpc", "containerDefinitions": [container]}
            arn = str(self._ask("RegisterTaskDefinition", params, caller)["taskDefinition"]["taskDefinitionArn"])
            self._definitions[arn] = Definition(arn=arn, family=TWIN, status="ACTIVE", params=params)
            return arn

    def _do_DescribeTasks(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        cluster = self._cluster(params, caller)
        _refuse(refusals.describe_refusal(params))
        return self._described(params["tasks"], cluster, caller, include=params.get("include", ()), counts=True)

    def _described(
        self, names: Iterable[str], cluster: str, caller: Caller, *, include: Sequence[str], counts: bool = False
    ) -> Params:
        """Return tasks as they are seen now; `counts`: this is one of the asks in which a task is still unseen."""
        tasks: list[Params] = []
        failures: list[Params] = []
        waiting: list[str] = []
        for name in names:
            known = self._task(name, cluster)
            if known is None or (counts and known.unseen):
                failures.append({"arn": name, "reason": "MISSING"})
                if known is not None:
                    known.unseen -= 1
            elif known.final is not None:
                tasks.append(known.final)
            else:
                waiting.append(known.arn)
        for start in range(0, len(waiting), refusals.MOST_DESCRIBED):
            chunk = waiting[start : start + refusals.MOST_DESCRIBED]
            asked = {"cluster": cluster, "tasks": chunk, "include": list(include)}
            found = self._ask("DescribeTasks", asked, caller)
            tasks += [self._overlaid(task) for task in found["tasks"]]
            failures += found["failures"]
        return {"tasks": tasks, "failures": failures}

    def _task(self, name: str, cluster: str) -> Task | None:
        with self._lock:
            for task in self._tasks.values():
                if task.cluster == cluster and name in (task.arn, task.arn.rpartition("/")[2]):
                    return task
        return None

    def _overlaid(self, task: Params) -> Params:
        """Return a task as AWS shows it."""
        known = self._tasks[task["taskArn"]]
        task = {key: value for key, value in task.items() if value != "" and key != "containerInstanceArn"}
        task["taskDefinitionArn"] = known.definition
        if task["lastStatus"] == "RUNNING" and known.fate and known.fate.starts and not known.killed:
            known.killed = True
            self._kill(known.arn)
        if known.stop is not None:
            return self._stopped(task, known)
        if task["lastStatus"] == "STOPPED":
            known.final = _ended(task, known.fate or _own_fate(task))
            return known.final
        return task

    def _stopped(self, task: Params, known: Task) -> Params:
        """Return a task that StopTask was asked for: it runs on for a while, and its tags are gone."""
        task.pop("tags", None)
        task["desiredStatus"] = "STOPPED"
        if known.ended and time.monotonic() > known.stopped + STOP_DELAY and task["lastStatus"] == "STOPPED":
            fate = Fate(code="UserInitiated", reason=known.stop or "", exit=137, starts=True)
            known.final = _ended(task, fate)
            return known.final
        task["lastStatus"] = "RUNNING"
        for key in ("stoppedReason", "stopCode", "stoppedAt", "executionStoppedAt"):
            task.pop(key, None)
        for container in task["containers"]:
            container.pop("exitCode", None)
            container["lastStatus"] = "RUNNING"
        return task

    def _do_ListTasks(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        cluster = self._cluster(params, caller)
        _refuse(refusals.list_refusal(params))
        with self._lock:
            names = [task.arn for task in self._tasks.values() if task.cluster == cluster and not task.unseen]
        found = self._described(names, cluster, caller, include=())["tasks"] if names else []
        wanted = {"desiredStatus": params.get("desiredStatus", "RUNNING")}
        wanted |= {key: params[key] for key in ("startedBy", "launchType") if params.get(key)}
        found = [task for task in found if all(task.get(key) == value for key, value in wanted.items())]
        if family := params.get("family"):
            found = [task for task in found if f"/{family}:" in task["taskDefinitionArn"]]
        return self._page([task["taskArn"] for task in found], params, "taskArns")

    def _do_StopTask(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        cluster = self._cluster(params, caller)
        known = self._task(params.get("task", ""), cluster)
        if known is None:
            raise RefusedError(refusals.NO_TASK)
        with self._lock:
            before = self._described([known.arn], cluster, caller, include=())["tasks"][0]
            if known.final is not None or known.stop is not None:
                return {"task": before}
            known.stop, known.stopped = params.get("reason", "Task stopped by user"), time.monotonic()

        def stop() -> None:
            try:
                self._ask("StopTask", {"cluster": cluster, "task": known.arn}, caller)
            finally:
                known.ended = True

        thread = threading.Thread(target=stop, name=f"stop {known.arn}")
        self._stopping.append(thread)
        thread.start()
        before.pop("tags", None)
        return {"task": {**before, "desiredStatus": "STOPPED"}}

    def _do_ExecuteCommand(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        self._cluster(params, caller)
        raise RefusedError(refusals.NO_EXEC)

    # clusters and pages

    def _do_DeleteCluster(self, params: Params, caller: Caller) -> Params:  # noqa: N802
        if self._do_ListTasks({"cluster": params["cluster"]}, caller)["taskArns"]:
            raise RefusedError(refusals.BUSY_CLUSTER)
        return self._ask("DeleteCluster", params, caller)

    def _cluster(self, params: Params, caller: Caller) -> str:
        """Return the name of a request's cluster; raise RefusedError for one that is not there."""
        name = str(params.get("cluster") or "default").rpartition("/")[2]
        found = self._ask("DescribeClusters", {"clusters": [name]}, caller)["clusters"]
        if not any(row["status"] == "ACTIVE" for row in found):
            raise RefusedError(refusals.NO_CLUSTER)
        return name

    def _page(self, found: Sequence[str], params: Params, key: str) -> Params:
        _refuse(refusals.page_refusal(params))
        size = self._faults.page_size(params.get("maxResults", 100))
        start = int(base64.b64decode(params["nextToken"])) if params.get("nextToken") else 0
        answer: Params = {key: list(found[start : start + size])}
        if start + size < len(found):
            answer["nextToken"] = base64.b64encode(str(start + size).encode()).decode()
        return answer

    def _ask(self, operation: str, params: Params, caller: Caller) -> Params:
        return self._upstream.ask(ECS, operation, params, caller)


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise RefusedError(refusal)


def _fields(fate: Fate) -> Params:
    return {name: getattr(fate, name) for name in fate.__struct_fields__}


def _runnable(params: Params) -> list[Params]:
    """Return containers with entryPoint as a part of the command: the emulator knows no entryPoint."""
    return [
        {
            **{key: value for key, value in container.items() if key != "entryPoint"},
            "command": [*container.get("entryPoint", ()), *container.get("command", ())],
        }
        if container.get("entryPoint")
        else container
        for container in params["containerDefinitions"]
    ]


def _own_fate(task: Params) -> Fate:
    """Return how a task ended by itself, in AWS's words; the emulator has words of its own for a failed start."""
    reason = str(task.get("stoppedReason", ""))
    exits = [container.get("exitCode") for container in task["containers"]]
    if task.get("stopCode") != "TaskFailedToStart":
        return Fate(
            code="EssentialContainerExited", reason="Essential container in task exited", exit=exits[0], starts=True
        )
    if "unable to start container process" in reason or "/start" in reason:
        text = f"CannotStartContainerError: {reason.partition(': ')[2]}"
        return Fate(code="TaskFailedToStart", reason=text, container=text)
    image = task["containers"][0]["image"]
    text = FATES["cannot_pull"].reason.format(image=image)
    return Fate(code="TaskFailedToStart", reason=text, container=text)


def _ended(task: Params, fate: Fate) -> Params:
    """Return a task that has ended as its fate says."""
    task |= {"lastStatus": "STOPPED", "desiredStatus": "STOPPED", "stopCode": fate.code, "stoppedReason": fate.reason}
    for container in task["containers"]:
        container["lastStatus"] = "STOPPED"
        container.pop("exitCode", None)
        container.pop("reason", None)
        if fate.exit is not None:
            container["exitCode"] = fate.exit
        if fate.container:
            container["reason"] = fate.container
    if not fate.starts:
        for key in ("startedAt", "pullStoppedAt"):
            task.pop(key, None)
    return task


def _without_blanks(answer: Params, key: str) -> Params:
    answer[key] = {name: value for name, value in answer[key].items() if value != ""}
    return answer
