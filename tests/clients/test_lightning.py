"""Lightning's Trainer gives the learning rates and losses with our schedulers that it gives with torch's."""

import pytest
import torch
from clients.tiny import (
    EPOCHS,
    PLATEAU,
    across_a_restart,
    assert_same,
    batches,
    network,
    ours,
    rates,
    sgd,
    torchs,
    with_each_schedule,
)
from worlds import build

lightning = pytest.importorskip("lightning.pytorch")

# Lightning's use of a torch class that is going, and its advice on the machine and on a OneCycleLR by epochs.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),
    pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:GPU available but not used"),
    pytest.mark.filterwarnings("ignore:A `OneCycleLR` scheduler is using 'interval'. 'epoch'"),
]


class Regression(lightning.LightningModule):
    def __init__(self, module, schedule, interval):
        super().__init__()
        self.network, self.seen = network(), []
        self.make_scheduler = lambda optimizer: build(module, schedule, optimizer)
        self.interval = interval

    def loss(self, batch):
        inputs, targets = batch
        return torch.nn.functional.mse_loss(self.network(inputs), targets)

    def training_step(self, batch, _):
        loss = self.loss(batch)
        self.seen.append((rates(self.trainer.optimizers[0]), loss.item()))
        return loss

    def validation_step(self, batch, _):
        self.log("val_loss", self.loss(batch))

    def configure_optimizers(self):
        optimizer = sgd(self)
        scheduler = {
            "scheduler": self.make_scheduler(optimizer),
            "interval": self.interval,
            "monitor": "val_loss",
        }
        return {"optimizer": optimizer, "lr_scheduler": scheduler}


def train(module, schedule, interval="step", epochs=EPOCHS, save=None, resume=None):
    trainer = lightning.Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    model = Regression(module, schedule, interval)
    trainer.fit(model, batches(), batches(), ckpt_path=resume, weights_only=True)
    if save:
        trainer.save_checkpoint(save)
    return model.seen


@with_each_schedule
@pytest.mark.parametrize("interval", ["step", "epoch"])
def test_lightning_steps_by_batch_and_by_epoch_as_with_torch(schedule, interval):
    assert_same(train(torchs, schedule, interval), train(ours, schedule, interval))


def test_lightning_follows_a_validation_loss_as_with_torch():
    assert_same(train(torchs, PLATEAU, "epoch"), train(ours, PLATEAU, "epoch"))


@with_each_schedule
@across_a_restart
def test_lightning_resumes_as_if_never_stopped(schedule, before, after, tmp_path):
    checkpoint = tmp_path / "half.ckpt"
    found = train(before, schedule, epochs=EPOCHS // 2, save=checkpoint)
    found += train(after, schedule, resume=checkpoint)
    assert_same(train(torchs, schedule), found)
