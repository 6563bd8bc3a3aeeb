"""Brings an instance while tasks wait, and sends one away while there is little to do."""

import time


class AIOSv1PolicyRule:
    def __init__(self, rule_id, settings, parameters):
        self.get_metrics = settings["get_metrics"]
        self.high = parameters["high"]
        self.low = parameters["low"]
        self.cooldown_seconds = parameters["cooldown_seconds"]
        self.changed_at = None

    def eval(self, parameters, input_data, context):
        instances = input_data["current_instances"]
        now = time.time()
        if self.changed_at is not None and now - self.changed_at < self.cooldown_seconds:
            return {"skip": True, "reason": "cooling down"}
        waiting = self.waiting(instances)
        if not waiting:
            return {"skip": True, "reason": "no metrics yet"}
        mean = sum(waiting.values()) / len(waiting)
        print(f"{mean:.1f} tasks in hand per instance")
        if mean > self.high:
            self.changed_at = now
            return {"skip": False, "operation": "upscale", "instances_count": 1}
        if mean < self.low and len(instances) > 1:
            self.changed_at = now
            idle = min(sorted(waiting), key=waiting.get)
            return {"skip": False, "operation": "downscale", "instances_list": [idle]}
        return {"skip": True, "reason": "enough"}

    def waiting(self, instances):
        """Tasks in hand of each instance, a mean of the last minute."""
        return {
            document["instanceId"]: document["queue_length"]["average_1m"]
            for document in self.get_metrics()["block_metrics"]
            if document["instanceId"] in instances
        }

    def management(self, action, data):
        if action == "status":
            return {"high": self.high, "low": self.low, "changed_at": self.changed_at}
        if action == "set":
            self.high = data.get("high", self.high)
            self.low = data.get("low", self.low)
            return {"high": self.high, "low": self.low}
        raise ValueError(f"action: {action} (expected: status or set)")
