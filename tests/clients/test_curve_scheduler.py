"""CurveScheduler in the clients: the curves' values at every optimizer step, and a resume that is right."""

import pytest
import stepcurve as sc
import torch
from clients.tiny import BATCHES, EPOCHS, batches, network
from stepcurve.lr_scheduler import CurveScheduler

# Lightning's use of a torch class that is going, and its advice on the machine.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),
    pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:GPU available but not used"),
]

HALF, MORE = EPOCHS // 2, 12


def curves(more=0):
    lr, decay = sc.linear(0, 0.1, 2) >> sc.cosine(0.1, 0.01, 18), sc.linear(0.05, 0, 20)
    return lr.extend(more), decay.extend(more)


def driven(model, more=0, **options):
    """An optimizer and its scheduler, and what the optimizer uses at each of its steps."""
    first, *rest = model.parameters()
    optimizer = torch.optim.AdamW([{"params": [first]}, {"params": rest, "lr": 0.3}], lr=0.2)
    (lr, decay), seen = curves(more), []
    scheduler = CurveScheduler(optimizer, lr=[lr, sc.relative(lr)], weight_decay=decay, **options)

    def used(optimizer, *_):
        values = [(group["lr"], group["weight_decay"]) for group in optimizer.param_groups]
        seen.append((values, [parameter.tolist() for parameter in model.parameters()]))

    optimizer.register_step_pre_hook(used)
    return optimizer, scheduler, seen


def values(steps, more=0):
    lr, decay = curves(more)
    return [[(lr(step), decay(step)), (lr(step) * 0.3, decay(step))] for step in steps]


def loss_of(model, batch):
    inputs, targets = batch
    return torch.nn.functional.mse_loss(model(inputs), targets)


def by_lightning(folder, epochs, load=False, interval="step", accumulate=1, **options):
    lightning = pytest.importorskip("lightning.pytorch")

    class Regression(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.network = network()

        def training_step(self, batch, _):
            return loss_of(self.network, batch)

        def configure_optimizers(self):
            optimizer, scheduler, self.seen = driven(self.network, **options)
            return [optimizer], [{"scheduler": scheduler, "interval": interval}]

    trainer = lightning.Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        accumulate_grad_batches=accumulate,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    model, file = Regression(), folder / "saved.ckpt"
    trainer.fit(model, batches(), ckpt_path=file if load else None, weights_only=True)
    trainer.save_checkpoint(file)
    return model.seen


def by_transformers(folder, epochs, load=False, accumulate=1, **options):
    transformers = pytest.importorskip("transformers")
    from clients.test_transformers import language_model, sentences

    model = language_model()
    *optimizers, seen = driven(model, **options)
    arguments = transformers.TrainingArguments(
        folder,
        use_cpu=True,
        num_train_epochs=epochs,
        per_device_train_batch_size=2,
        gradient_accumulation_steps=accumulate,
        save_strategy="epoch",
        report_to="none",
        disable_tqdm=True,
    )
    trainer = transformers.Trainer(model, arguments, train_dataset=sentences(), optimizers=tuple(optimizers))
    trainer.train(resume_from_checkpoint=load)
    return seen


def by_accelerate(folder, epochs, load=False, accumulate=1, by_hand=True, **options):
    accelerate = pytest.importorskip("accelerate")
    accelerator = accelerate.Accelerator(cpu=True, gradient_accumulation_steps=accumulate)
    model = network()
    optimizer, scheduler, seen = driven(model, **options)
    model, optimizer, loader, scheduler = accelerator.prepare(model, optimizer, batches(), scheduler)
    if load:
        accelerator.load_state(folder)
    for _ in range(epochs - HALF if load else epochs):
        for batch in loader:
            with accelerator.accumulate(model):
                accelerator.backward(loss_of(model, batch))
                optimizer.step()
                if by_hand:
                    scheduler.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    return seen


def by_ignite(folder, epochs, load=False, wrapped=False, **options):
    engine = pytest.importorskip("ignite.engine")
    handlers = pytest.importorskip("ignite.handlers")
    model = network()
    optimizer, scheduler, seen = driven(model, **options)

    def update(_, batch):
        optimizer.zero_grad()
        loss_of(model, batch).backward()
        optimizer.step()

    trainer = engine.Engine(update)
    if wrapped:
        scheduler = handlers.LRScheduler(scheduler)
        trainer.add_event_handler(engine.Events.ITERATION_STARTED, scheduler)
    elif not options.get("follow"):
        trainer.add_event_handler(engine.Events.ITERATION_COMPLETED, lambda: scheduler.step())
    parts = {"scheduler": scheduler, "optimizer": optimizer, "model": model, "trainer": trainer}
    saver = handlers.DiskSaver(folder, require_empty=False)
    trainer.add_event_handler(engine.Events.EPOCH_COMPLETED, handlers.Checkpoint(parts, saver))
    if load:
        handlers.Checkpoint.load_objects(parts, next(folder.glob("*.pt")))
    trainer.run(batches(), max_epochs=epochs)
    return seen


def steps(epochs, interval="step", accumulate=1, **_):
    """The steps of the curves at the optimizer's steps."""
    each = BATCHES if interval == "epoch" else 1
    return [step // each for step in range(epochs * BATCHES // accumulate)]


RUNS = {
    "lightning": (by_lightning, {}),
    "lightning-accumulated": (by_lightning, {"accumulate": 2}),
    "lightning-epochs": (by_lightning, {"interval": "epoch"}),
    "transformers": (by_transformers, {}),
    "transformers-accumulated": (by_transformers, {"accumulate": 2}),
    "accelerate": (by_accelerate, {}),
    "accelerate-accumulated": (by_accelerate, {"accumulate": 2}),
    "accelerate-follow": (by_accelerate, {"accumulate": 2, "by_hand": False, "follow": True}),
    "ignite": (by_ignite, {}),
    "ignite-follow": (by_ignite, {"follow": True}),
    "ignite-wrapped": (by_ignite, {"wrapped": True}),
}
with_each_client = pytest.mark.parametrize(("train", "options"), RUNS.values(), ids=RUNS)


@with_each_client
def test_optimizer_uses_the_values_of_the_curves(train, options, tmp_path):
    found = train(tmp_path, EPOCHS, **options)
    assert [each for each, _ in found] == values(steps(EPOCHS, **options))


@with_each_client
@pytest.mark.parametrize("here", [{}, {"more": MORE, "resume": "checkpoint"}], ids=["same", "checkpoint"])
def test_resumed_equals_never_stopped(train, options, here, tmp_path):
    found = train(tmp_path / "half", HALF, **options)
    found += train(tmp_path / "half", EPOCHS, load=True, **options, **here)
    assert found == train(tmp_path / "whole", EPOCHS, **options)


@with_each_client
def test_a_longer_run_goes_on_along_the_longer_curve_if_it_is_meant(train, options, tmp_path):
    before = train(tmp_path, HALF, **options)
    with pytest.raises(ValueError, match='resume="new" goes on along the new ones') as error:
        train(tmp_path, EPOCHS + 2, load=True, more=MORE, **options)
    assert all(repr(curve) in str(error.value) for end in (0, MORE) for curve in curves(end))
    found = train(tmp_path, EPOCHS + 2, load=True, more=MORE, resume="new", **options)
    assert [each for each, _ in found] == values(steps(EPOCHS + 2, **options)[len(before) :], MORE)


@pytest.mark.parametrize("train", [by_lightning, by_transformers, by_accelerate])
def test_a_client_that_steps_a_scheduler_which_follows_is_an_error(train, tmp_path):
    with pytest.raises(RuntimeError, match="follow=True: the optimizer's own steps advance this scheduler"):
        train(tmp_path, 1, follow=True)
