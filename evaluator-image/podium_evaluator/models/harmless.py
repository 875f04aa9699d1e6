"""Keys of a configuration that do not change what a model computes for us, whatever they hold."""

from __future__ import annotations

from typing import Final

__all__ = ["HARMLESS"]

_NOTES: Final = frozenset(
    {
        "_commit_hash", "_model_name_or_path", "_name_or_path", "_num_labels", "architectures",
        "is_llama_config", "model_type", "tokenizer_class", "transformers.js_config", "transformers_version",
        "unsloth_fixed", "unsloth_version",
    }
)  # fmt: skip
"""Where the file comes from, and what was already read."""

_OURS: Final = frozenset(
    {
        "_attn_implementation_autoset", "_flash_attn_2_enabled", "cache_implementation", "dtype",
        "output_attentions", "output_hidden_states", "return_dict", "torch_dtype", "use_cache",
    }
)  # fmt: skip
"""The evaluator has its own dtype, cache and attention, and asks for no further outputs."""

_SPECIAL_TOKENS: Final = frozenset(
    {
        "bos_token_id", "cls_token_id", "decoder_start_token_id", "eos_token_id", "mask_token_id",
        "pad_token_id", "sep_token_id", "unk_token_id",
    }
)  # fmt: skip
"""The evaluator takes none of them from here."""

_TRAINING: Final = frozenset(
    {
        "activation_dropout", "attention_dropout", "attention_probs_dropout_prob", "classif_dropout",
        "classifier_dropout", "decoder_layerdrop", "dropout", "embd_pdrop", "encoder_layerdrop",
        "finetuning_task", "gradient_checkpointing", "hidden_dropout", "hidden_dropout_prob", "id2label",
        "init_std", "initializer_range", "label2id", "problem_type", "resid_pdrop", "task_specific_params",
    }
)  # fmt: skip
"""Training and classification."""

_GENERATION: Final = frozenset(
    {
        "bad_words_ids", "begin_suppress_tokens", "diversity_penalty", "do_sample", "early_stopping",
        "encoder_no_repeat_ngram_size", "exponential_decay_length_penalty", "force_bos_token_to_be_generated",
        "forced_bos_token_id", "forced_eos_token_id", "length_penalty", "max_length", "min_length",
        "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_return_sequences", "output_scores",
        "prefix", "remove_invalid_values",
        "repetition_penalty", "return_dict_in_generate", "suppress_tokens", "temperature", "top_k", "top_p",
        "typical_p",
    }
)  # fmt: skip
"""Older files keep the defaults of generation here; ours are the competition's."""

HARMLESS: Final = _NOTES | _OURS | _SPECIAL_TOKENS | _TRAINING | _GENERATION
"""All of them."""
