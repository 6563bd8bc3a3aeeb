class AIOSv1PolicyRule:
    """More instances when the mean input token rate of one is above what it can take."""

    def __init__(self, rule_id, settings, parameters):
        self.get_metrics = settings["get_metrics"]
        self.high, self.low = parameters["high"], parameters["low"]

    def eval(self, parameters, input_data, context):
        current = set(input_data["current_instances"])
        total = seen = 0
        least, idle = None, None
        for document in self.get_metrics()["block_metrics"]:
            name = document["instanceId"]
            if name not in current:
                continue
            rate = document["llm_input_tokens_per_minute_rolling"]["average_1m"]
            total += rate
            seen += 1
            if least is None or rate < least:
                least, idle = rate, name
        if not seen:
            return {"skip": True, "reason": "no metrics"}
        mean = total / seen
        if mean > self.high:
            return {"skip": False, "operation": "upscale", "instances_count": 1}
        if mean < self.low and seen > 1:
            return {"skip": False, "operation": "downscale", "instances_list": [idle]}
        return {"skip": True, "reason": f"{mean:.1f} tokens a minute"}

    def management(self, action, data):
        return {}
