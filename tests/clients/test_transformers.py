"""The Trainer of transformers gives the learning rates and losses with ours that it gives with torch's."""

import pytest
import torch
from clients.tiny import (
    BATCHES,
    EPOCHS,
    PLATEAU,
    SCHEDULES,
    across_a_restart,
    assert_same,
    ours,
    sgd,
    torchs,
    with_each_schedule,
)
from worlds import build

transformers = pytest.importorskip("transformers")


def language_model():
    torch.manual_seed(0)
    return transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=16, hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2
        )
    )


def sentences():
    tokens = torch.randint(16, (BATCHES * 2, 6), generator=torch.Generator().manual_seed(1))
    return [{"input_ids": sentence, "labels": sentence} for sentence in tokens]


def train(module, schedule, folder, resume=None, **arguments):
    model = language_model()
    optimizer = sgd(model)
    trainer = transformers.Trainer(
        model,
        transformers.TrainingArguments(
            folder,
            use_cpu=True,
            num_train_epochs=EPOCHS,
            per_device_train_batch_size=2,
            logging_steps=1,
            report_to="none",
            disable_tqdm=True,
            **{"save_strategy": "no", **arguments},
        ),
        train_dataset=sentences(),
        eval_dataset=sentences(),
        optimizers=(optimizer, build(module, schedule, optimizer)),
    )
    trainer.train(resume_from_checkpoint=resume)
    return [(each["learning_rate"], each["loss"]) for each in trainer.state.log_history if "loss" in each]


@with_each_schedule
def test_transformers_steps_as_with_torch(schedule, tmp_path):
    assert_same(train(torchs, schedule, tmp_path), train(ours, schedule, tmp_path))


def test_transformers_follows_an_evaluation_loss_as_with_torch(tmp_path):
    evaluation = {"eval_strategy": "epoch", "metric_for_best_model": "loss"}
    assert_same(train(torchs, PLATEAU, tmp_path, **evaluation), train(ours, PLATEAU, tmp_path, **evaluation))


@across_a_restart
def test_transformers_resumes_as_if_never_stopped(before, after, tmp_path):
    schedule, middle = ("SequentialLR", SCHEDULES["SequentialLR"]), BATCHES * EPOCHS // 2 + 1
    expected = train(before, schedule, tmp_path, save_strategy="steps", save_steps=middle)
    found = train(after, schedule, tmp_path, resume=str(tmp_path / f"checkpoint-{middle}"))
    assert_same(expected, found)
