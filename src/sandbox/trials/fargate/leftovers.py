"""What sessions have in AWS, found by name: tasks, definitions, log streams, images; and its removal."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.core.tasks import parallel_map
from sandbox.errors import Advice, EngineError, NotFound, RemovalFailed
from sandbox.lifecycle.owner import owner_is_dead
from sandbox.lifecycle.removal import EngineObject, Removal
from sandbox.trials.fargate import answers
from sandbox.trials.fargate.images import names_of_push
from sandbox.trials.fargate.names import SESSIONS, owner_in, owner_prefix, session_of
from sandbox.trials.fargate.place import repository_name
from sandbox.trials.fargate.states import STOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine
    from sandbox.trials.fargate.api import Aws
    from sandbox.trials.fargate.place import Place

DESCRIBED: Final = 100
"""Most tasks, and images, in one call (DescribeTasks, BatchDeleteImage)."""
DELETED: Final = 10
"""Most definitions in one call (DeleteTaskDefinitions)."""
STOP_LIMIT: Final = 180.0
"""Seconds in which tasks stop: SIGTERM ends ours at once, and Fargate takes their network away."""
CLEAN: Final = Advice.sandbox("clean", "--on", "fargate")
ROUNDS: Final = 4
PAUSE: Final = 1.0


def find_objects(aws: Aws, place: Place, prefix: str) -> tuple[EngineObject, ...]:
    """Return everything whose name begins with `prefix`, in the order of removal; `name` is its own, or startedBy."""
    return (
        *_tasks(aws, place, prefix),
        *_definitions(aws, prefix),
        *_streams(aws, place, prefix),
        *_images(aws, place, prefix),
    )


def describe_tasks(aws: Aws, place: Place, arns: Sequence[str]) -> Iterator[answers.Tasks]:
    """Yield the states of these tasks, and those that ECS does not know, a hundred at a time."""
    for start in range(0, len(arns), DESCRIBED):
        some = list(arns[start : start + DESCRIBED])
        yield aws.call("ecs", "DescribeTasks", answers.Tasks, cluster=place.cluster, tasks=some)


def _tasks(aws: Aws, place: Place, prefix: str) -> Iterator[EngineObject]:
    """Yield the tasks that have not stopped. ListTasks finds by the whole startedBy alone, and not by tags."""
    only = {"startedBy": prefix} if session_of(prefix) == prefix else {}
    pages = aws.pages("ecs", "ListTasks", answers.TaskArns, cluster=place.cluster, **only)
    arns = [arn for page in pages for arn in page.task_arns]
    for answer in describe_tasks(aws, place, arns):
        for task in answer.tasks:
            if task.started_by.startswith(prefix) and task.last_status != STOPPED:
                yield EngineObject(kind="task", name=task.started_by, id=task.task_arn)


def _definitions(aws: Aws, prefix: str) -> Iterator[EngineObject]:
    """Yield the definitions, also those that were deregistered and not deleted."""
    pages = aws.pages(
        "ecs", "ListTaskDefinitionFamilies", answers.Families, familyPrefix=prefix, status="ALL", maxResults=100
    )
    families = [family for page in pages for family in page.families]
    pairs = [(family, status) for family in families for status in ("ACTIVE", "INACTIVE")]
    for (family, _), arns in zip(pairs, parallel_map(partial(_of_family, aws), pairs), strict=True):
        yield from (EngineObject(kind="definition", name=family, id=arn) for arn in arns)


def _of_family(aws: Aws, pair: tuple[str, str]) -> list[str]:
    family, status = pair
    pages = aws.pages("ecs", "ListTaskDefinitions", answers.Definitions, familyPrefix=family, status=status)
    return [arn for page in pages for arn in page.task_definition_arns]


def _streams(aws: Aws, place: Place, prefix: str) -> Iterator[EngineObject]:
    group = place.log_group
    pages = aws.pages("logs", "DescribeLogStreams", answers.Streams, logGroupName=group, logStreamNamePrefix=prefix)
    for page in pages:
        for stream in page.log_streams:
            yield EngineObject(kind="log stream", name=stream.log_stream_name, id=stream.log_stream_name)


def _images(aws: Aws, place: Place, prefix: str) -> Iterator[EngineObject]:
    if not place.repository:
        return
    name = repository_name(place.repository)
    try:
        pages = aws.pages("ecr", "ListImages", answers.ImageIds, repositoryName=name, filter={"tagStatus": "TAGGED"})
        tags = [image.image_tag for page in pages for image in page.image_ids]
    except NotFound:
        return
    yield from (EngineObject(kind="image", name=tag, id=tag) for tag in tags if tag.startswith(prefix))


def remove_objects(aws: Aws, place: Place, objects: Sequence[EngineObject]) -> tuple[EngineObject, ...]:
    """Remove these, tasks first, and return what went. One that can't be removed is left for the next look."""
    gone: list[EngineObject] = []
    for kind, remove in REMOVERS.items():
        mine = [found for found in objects if found.kind == kind]
        gone += remove(aws, place, mine) if mine else ()
    return tuple(gone)


def _remove_tasks(aws: Aws, place: Place, tasks: Sequence[EngineObject]) -> list[EngineObject]:
    """Stop tasks and wait until they have: a definition of a running one can't be deleted, and it writes its log."""
    parallel_map(lambda task: stop_task(aws, place, task.id), tasks)
    waiting, over = {task.id: task for task in tasks}, time.monotonic() + STOP_LIMIT
    gone: list[EngineObject] = []
    while waiting and time.monotonic() < over:
        for answer in describe_tasks(aws, place, list(waiting)):
            ended = [task.task_arn for task in answer.tasks if task.last_status == STOPPED]
            missing = [failure.arn for failure in answer.failures if failure.reason == "MISSING"]
            gone += [waiting.pop(arn) for arn in (*ended, *missing) if arn in waiting]
        time.sleep(PAUSE if waiting else 0)
    return gone


def stop_task(aws: Aws, place: Place, arn: str) -> None:
    """Stop a task. One that is not there any more is as well."""
    try:
        reason = "sandbox has no use for it any more"
        aws.call("ecs", "StopTask", answers.Nothing, cluster=place.cluster, task=arn, reason=reason)
    except EngineError:
        return  # whoever looks again meets it again


def _remove_definitions(aws: Aws, _: Place, rows: Sequence[EngineObject]) -> list[EngineObject]:
    """Deregister, then delete: AWS deletes none that is active."""
    parallel_map(partial(_deregister, aws), [row.id for row in rows])
    gone: list[EngineObject] = []
    for start in range(0, len(rows), DELETED):
        some = rows[start : start + DELETED]
        found = aws.call("ecs", "DeleteTaskDefinitions", answers.Deleted, taskDefinitions=[row.id for row in some])
        left = {failure.arn for failure in found.failures}
        gone += [row for row in some if row.id not in left]
    return gone


def _deregister(aws: Aws, arn: str) -> None:
    try:
        aws.call("ecs", "DeregisterTaskDefinition", answers.Nothing, taskDefinition=arn)
    except EngineError:
        return  # inactive already, or DeleteTaskDefinitions says why not


def _remove_streams(aws: Aws, place: Place, rows: Sequence[EngineObject]) -> list[EngineObject]:
    done = parallel_map(partial(_remove_stream, aws, place), rows)
    return [row for row, is_gone in zip(rows, done, strict=True) if is_gone]


def _remove_stream(aws: Aws, place: Place, row: EngineObject) -> bool:
    try:
        aws.call("logs", "DeleteLogStream", answers.Nothing, logGroupName=place.log_group, logStreamName=row.id)
    except EngineError:
        return False
    return True


def _remove_images(aws: Aws, place: Place, rows: Sequence[EngineObject]) -> list[EngineObject]:
    name = repository_name(place.repository)
    for start in range(0, len(rows), DESCRIBED):
        tags = [{"imageTag": row.id} for row in rows[start : start + DESCRIBED]]
        aws.call("ecr", "BatchDeleteImage", answers.Nothing, repositoryName=name, imageIds=tags)
    return list(rows)


REMOVERS: Final[dict[str, Callable[[Aws, Place, Sequence[EngineObject]], list[EngineObject]]]] = {
    "task": _remove_tasks,
    "definition": _remove_definitions,
    "log stream": _remove_streams,
    "image": _remove_images,
}


def remove_session(aws: Aws, place: Place, session: str, *, tasks: Sequence[str] = (), quiet: int = 1) -> Removal:
    """Remove all of a session, until `quiet` looks in a row find nothing; return what AWS says then.

    `tasks` are ARNs that are known: ListTasks may not have them yet.
    """
    known = [EngineObject(kind="task", name=session, id=arn) for arn in tasks]
    gone: dict[str, EngineObject] = {}
    try:
        left: tuple[EngineObject, ...] = (*known, *find_objects(aws, place, session))
        for _ in range(ROUNDS):
            gone |= {row.id: row for row in remove_objects(aws, place, left)}
            left = find_objects(aws, place, session)
            quiet -= not left
            if quiet <= 0:
                break
            time.sleep(PAUSE)
    except EngineError as error:
        details = [("", error.brief), *error.details]
        failure = RemovalFailed(f"something may be left on {place.title}", details=details, hints=[CLEAN])
        return Removal(removed=tuple(gone.values()), left=(EngineObject(kind="task"),), failures=(failure,))
    rows = [(row.kind, row.name) for row in left]
    failures = [RemovalFailed(f"left on {place.title}", details=rows, hints=[CLEAN])] if left else []
    return Removal(removed=tuple(gone.values()), left=left, failures=tuple(failures))


def orphaned_sessions(aws: Aws, place: Place, owner: Owner) -> dict[str, list[EngineObject]]:
    """Return what sessions of this host and user that died have left, by session."""
    return {session: rows for session, rows in sessions(aws, place, owner).items() if is_orphan(session, owner)}


def sessions(aws: Aws, place: Place, owner: Owner, *, every: bool = False) -> dict[str, list[EngineObject]]:
    """Return what sessions of this host and user, or with `every` of all, have there, by session."""
    found: dict[str, list[EngineObject]] = {}
    for row in find_objects(aws, place, SESSIONS if every else owner_prefix(owner)):
        if session := session_of(row.name):
            found.setdefault(session, []).append(row)
    return found


def is_orphan(session: str, owner: Owner) -> bool:
    """Return whether a session is of this host and user and its process has died."""
    return owner_is_dead(owner, owner_in(session, owner))


def dead_names(engine: Engine, owner: Owner) -> tuple[str, ...]:
    """Return the names that pushes gave to images of the engine, of which the session died before their end."""
    mine = owner_prefix(owner)
    pairs = ((image, tag, session_of(tag.rpartition(":")[2])) for image in engine.images() for tag in image.tags)
    found = ((image, tag) for image, tag, session in pairs if session.startswith(mine) and is_orphan(session, owner))
    return tuple(dict.fromkeys(name for image, tag in found for name in names_of_push(image, tag)))


def remove_names(engine: Engine, owner: Owner) -> None:
    """Take these names off their images, which keep their own."""
    for name in dead_names(engine, owner):
        engine.remove_image(name)


def sweep(aws: Aws, place: Place, owner: Owner) -> tuple[Removal, ...]:
    """Remove what dead sessions of this host and user left, and return what became of each."""
    return tuple(remove_session(aws, place, session) for session in orphaned_sessions(aws, place, owner))
