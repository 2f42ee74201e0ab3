"""The script of a trial, for a swarm: its facts are the default."""

from sandbox.trials.jobs.script import PART, WHOLE, WORK, Script, ScriptCommand, script_for

__all__ = ["PART", "WHOLE", "WORK", "Script", "ScriptCommand", "script_for"]
