"""Scales a block by the tokens that its instances read and write in a minute.

Busy instances bring one more, idle ones send the least loaded one away, and after either the block
is left alone for a while, so that a short peak does not make it swing.
"""

import logging
import time

TOKENS_IN = "llm_input_tokens_per_minute_rolling"
TOKENS_OUT = "llm_output_tokens_per_minute_rolling"

DEFAULTS = {
    "input_tokens_up_threshold": 500,
    "output_tokens_up_threshold": 300,
    "input_tokens_down_threshold": 100,
    "output_tokens_down_threshold": 50,
    "min_replicas": 1,
    "averaging_period": "average_1m",
    "cooldown_seconds": 120,
}

log = logging.getLogger("token-autoscaler")
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")


def skip(reason):
    return {"skip": True, "reason": reason}


class AIOSv1PolicyRule:
    def __init__(self, rule_id, settings, parameters):
        self.get_metrics = settings.get("get_metrics")
        for name, default in DEFAULTS.items():
            setattr(self, name, parameters.get(name, default))
        self.last_action_at = None

    def eval(self, parameters, input_data, context):
        if not callable(self.get_metrics):
            return skip("There is no get_metrics in the settings.")
        current = input_data.get("current_instances")
        if not current:
            return skip("The block has no instances.")
        loads = self.loads(self.get_metrics(), current)
        if not loads:
            return skip("There are no metrics of the current instances.")

        tokens_in = sum(load[0] for load in loads.values()) / len(loads)
        tokens_out = sum(load[1] for load in loads.values()) / len(loads)
        rates = f"{tokens_in:.2f} tokens in and {tokens_out:.2f} out a minute and instance"
        log.info("%d instances: %s", len(loads), rates)

        now = time.time()
        if self.cooling_down(now):
            return skip("Cooldown active.")
        if (
            tokens_in > self.input_tokens_up_threshold
            or tokens_out > self.output_tokens_up_threshold
        ):
            self.last_action_at = now
            return {
                "skip": False,
                "operation": "upscale",
                "instances_count": 1,
                "reason": f"Busy: {rates}.",
            }
        idle = (
            tokens_in < self.input_tokens_down_threshold
            and tokens_out < self.output_tokens_down_threshold
        )
        if idle and len(loads) > self.min_replicas:
            self.last_action_at = now
            least = min(loads, key=lambda instance: sum(loads[instance]))
            return {
                "skip": False,
                "operation": "downscale",
                "instances_list": [least],
                "reason": f"Idle: {rates}.",
            }
        return skip("No scaling action required.")

    def management(self, action, data):
        if action == "reset_cooldown":
            self.last_action_at = None
            return {"status": "ok", "message": "The next evaluation may act at once."}
        return {"status": "error", "reason": f"action: {action} (expected: reset_cooldown)"}

    def loads(self, metrics, current):
        """Tokens in and out a minute of each current instance that is measured, by its id."""
        loads = {}
        for measured in metrics.get("block_metrics", []):
            instance = measured.get("instanceId")
            if instance in current:
                loads[instance] = tuple(
                    measured.get(name, {}).get(self.averaging_period, 0)
                    for name in (TOKENS_IN, TOKENS_OUT)
                )
        return loads

    def cooling_down(self, now):
        return (
            self.last_action_at is not None
            and now - self.last_action_at <= self.cooldown_seconds
        )
