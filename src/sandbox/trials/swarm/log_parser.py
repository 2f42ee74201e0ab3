"""The log of a trial's script, as a swarm has it."""

from sandbox.trials.jobs.log_parser import CommandResult, ScriptLog, parse_log

__all__ = ["CommandResult", "ScriptLog", "parse_log"]
