from sandbox.api.box import Sandbox as Sandbox
from sandbox.api.completed import Completed as Completed
from sandbox.errors import CheckFailed as CheckFailed
from sandbox.errors import CommandFailed as CommandFailed
from sandbox.errors import Conflict as Conflict
from sandbox.errors import ConnectionCut as ConnectionCut
from sandbox.errors import Denied as Denied
from sandbox.errors import EngineError as EngineError
from sandbox.errors import EngineTimeout as EngineTimeout
from sandbox.errors import NoEngine as NoEngine
from sandbox.errors import NotFound as NotFound
from sandbox.errors import PullFailed as PullFailed
from sandbox.errors import RemovalFailed as RemovalFailed
from sandbox.errors import SandboxDied as SandboxDied
from sandbox.errors import SandboxError as SandboxError
from sandbox.errors import SpecError as SpecError
from sandbox.errors import StepFailed as StepFailed
from sandbox.errors import TooLong as TooLong
from sandbox.errors import UnknownPackage as UnknownPackage
from sandbox.errors import UnknownWord as UnknownWord
from sandbox.errors import Unwritten as Unwritten
from sandbox.errors import UsageError as UsageError

__version__: str
