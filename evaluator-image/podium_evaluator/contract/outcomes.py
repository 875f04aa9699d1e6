"""How a subcommand ends: exit codes, faults and reasons, each a closed set."""

from __future__ import annotations

import enum

__all__ = ["ExitCode", "Fault", "Reason"]


class ExitCode(enum.IntEnum):
    """Exit status of every subcommand; numbers follow sysexits.h."""

    DONE = 0
    REQUEST_INVALID = 64
    SUBMISSION_AT_FAULT = 65
    HUB_UNAVAILABLE = 69
    EVALUATOR_BUG = 70
    TRY_AGAIN = 75


class Fault(enum.StrEnum):
    """Whose fault a failure is. Nothing else decides its consequences."""

    SUBMISSION = "Submission"
    INFRASTRUCTURE = "Infrastructure"
    EVALUATOR = "Evaluator"
    ORGANIZER = "Organizer"


class Reason(enum.StrEnum):
    """Why a subcommand did not succeed. A closed set: reasons end in conditions and metrics."""

    REQUEST_INVALID = "RequestInvalid"
    # The submission's fault, proved by its bytes: terminal for the revision.
    REVISION_NOT_FOUND = "RevisionNotFound"
    TOO_LARGE = "TooLarge"
    NO_SAFETENSORS = "NoSafetensors"
    SAFETENSORS_MALFORMED = "SafetensorsMalformed"
    SAFETENSORS_TRUNCATED = "SafetensorsTruncated"
    TENSORS_MISMATCH = "TensorsMismatch"
    DTYPE_NOT_ALLOWED = "DtypeNotAllowed"
    FILE_NOT_ALLOWED = "FileNotAllowed"
    CONFIG_MALFORMED = "ConfigMalformed"
    CONFIG_KEY_NOT_HONOURED = "ConfigKeyNotHonoured"
    ARCHITECTURE_NOT_ALLOWED = "ArchitectureNotAllowed"
    PARAMETERS_OUT_OF_RANGE = "ParametersOutOfRange"
    NORMS_OUT_OF_RANGE = "NormsOutOfRange"
    NON_FINITE_WEIGHTS = "NonFiniteWeights"
    VOCABULARY_TOO_SMALL = "VocabularyTooSmall"
    SEQUENCE_TOO_SHORT = "SequenceTooShort"
    TOKENIZER_MALFORMED = "TokenizerMalformed"
    TOKENIZER_NOT_SUPPORTED = "TokenizerNotSupported"
    CHAT_TEMPLATE_UNKNOWN = "ChatTemplateUnknown"
    SECURE_HASH_MISMATCH = "SecureHashMismatch"
    VOLUME_PATH_NOT_FOUND = "VolumePathNotFound"
    # The submission's fault as far as we can see, but an honest one may not be public yet: retried.
    NOT_YET_PUBLISHED = "NotYetPublished"
    # The submission's fault at evaluation.
    NON_FINITE_SCORE = "NonFiniteScore"
    DEGENERATE_OUTPUT = "DegenerateOutput"
    # Infrastructure.
    HUB_UNAVAILABLE = "HubUnavailable"
    DATASET_UNAVAILABLE = "DatasetUnavailable"
    STORE_FULL = "StoreFull"
    STORED_BYTES_CHANGED = "StoredBytesChanged"
    NOT_ISOLATED = "NotIsolated"
    OUT_OF_MEMORY = "OutOfMemory"
    TIMEOUT = "Timeout"
    # The organiser's.
    DATASET_INVALID = "DatasetInvalid"
    TOO_FEW_SAMPLES = "TooFewSamples"
    # Ours.
    EVALUATOR_BUG = "EvaluatorBug"
