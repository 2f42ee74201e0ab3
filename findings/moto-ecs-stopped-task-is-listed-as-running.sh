#!/bin/sh
# moto 5.2.5: a task of ECS that has stopped by itself stays among the running ones.
# DescribeTasks says lastStatus STOPPED and desiredStatus RUNNING, and ListTasks goes by the second:
# it lists the task by default and not with desiredStatus=STOPPED. At AWS a task whose essential
# container exits has both STOPPED (Amazon ECS Developer Guide, task lifecycle). A client that
# counts running tasks, or waits until a list is empty, never comes to an end.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[ecs,ec2]==5.2.5' boto3==1.44.8 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
describe: last STOPPED desired RUNNING
list: 1 by default, 0 stopped
OUTPUT
AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_DEFAULT_REGION=us-east-1 \
    "$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
import boto3
from moto import mock_aws

with mock_aws():
    ecs, ec2 = boto3.client("ecs"), boto3.client("ec2")
    ecs.create_cluster(clusterName="c")
    container = {"name": "box", "image": "debian", "cpu": 256, "memory": 512, "essential": True}
    ecs.register_task_definition(family="f", requiresCompatibilities=["FARGATE"], networkMode="awsvpc",
                                 cpu="256", memory="512", containerDefinitions=[container])
    network = {"subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
               "securityGroups": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]]}
    task = ecs.run_task(cluster="c", taskDefinition="f", launchType="FARGATE",
                        networkConfiguration={"awsvpcConfiguration": network})["tasks"][0]
    while task["lastStatus"] != "STOPPED":
        task = ecs.describe_tasks(cluster="c", tasks=[task["taskArn"]])["tasks"][0]
    print("describe: last", task["lastStatus"], "desired", task["desiredStatus"])
    listed = [len(ecs.list_tasks(cluster="c", **words)["taskArns"]) for words in ({}, {"desiredStatus": "STOPPED"})]
    print(f"list: {listed[0]} by default, {listed[1]} stopped")
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
