"""The contract between the operator and the evaluator image: requests, results, exit codes.

The operator passes one request document as JSON in the environment variable `REQUEST_VARIABLE`.
The evaluator answers with one `Summary` of at most `SUMMARY_BYTES` as the container's termination
message and, for `evaluate`, one evidence line in its log whose digest the summary names.

A pod that held a stranger's model may have written anything at all, so results are parsed
strictly: unknown keys, non-finite numbers and oversized fields are refused.
"""

from __future__ import annotations

from podium_evaluator.contract.datasets import (
    CodeforcesCotsDataset,
    Dataset,
    DyckDataset,
    FineWebDataset,
    HuggingFaceDataset,
    InstructionFollowingDataset,
    PromptResponseDataset,
    RepositoryDataset,
    Synthetic1SftDataset,
    SyntheticMmluDataset,
    WordSortingDataset,
)
from podium_evaluator.contract.document import (
    CONTAINER,
    EVIDENCE_BYTES,
    EVIDENCE_PREFIX,
    REQUEST_BYTES,
    REQUEST_VARIABLE,
    SUMMARY_BYTES,
    VERSION,
    Digest,
)
from podium_evaluator.contract.outcomes import ExitCode, Fault, Reason
from podium_evaluator.contract.requests import (
    ArchitectureLimits,
    EvaluateRequest,
    FetchRequest,
    HuggingFaceSource,
    NormLimits,
    PrepareRequest,
    ProbeRequest,
    Request,
    StoreSweep,
    VolumeSource,
    Window,
)
from podium_evaluator.contract.results import (
    Evidence,
    FetchedModel,
    PreparedSamples,
    PreparedTask,
    Summary,
    TaskEvidence,
    TaskScore,
    decode_evidence,
    encode_evidence,
)
from podium_evaluator.contract.tasks import Method, Task
from podium_evaluator.contract.tokenizers import NAMED_TEMPLATES, ChatTemplate, Tokenizer

__all__ = [
    "CONTAINER",
    "EVIDENCE_BYTES",
    "EVIDENCE_PREFIX",
    "NAMED_TEMPLATES",
    "REQUEST_BYTES",
    "REQUEST_VARIABLE",
    "SUMMARY_BYTES",
    "VERSION",
    "ArchitectureLimits",
    "ChatTemplate",
    "CodeforcesCotsDataset",
    "Dataset",
    "Digest",
    "DyckDataset",
    "EvaluateRequest",
    "Evidence",
    "ExitCode",
    "Fault",
    "FetchRequest",
    "FetchedModel",
    "FineWebDataset",
    "HuggingFaceDataset",
    "HuggingFaceSource",
    "InstructionFollowingDataset",
    "Method",
    "NormLimits",
    "PrepareRequest",
    "PreparedSamples",
    "PreparedTask",
    "ProbeRequest",
    "PromptResponseDataset",
    "Reason",
    "RepositoryDataset",
    "Request",
    "StoreSweep",
    "Summary",
    "Synthetic1SftDataset",
    "SyntheticMmluDataset",
    "Task",
    "TaskEvidence",
    "TaskScore",
    "Tokenizer",
    "VolumeSource",
    "Window",
    "WordSortingDataset",
    "decode_evidence",
    "encode_evidence",
]
