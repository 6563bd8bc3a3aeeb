class AIOSv1PolicyRule:
    """Counts how often in a row each instance was found unhealthy."""

    def __init__(self, rule_id, settings, parameters):
        self.counts = {}

    def eval(self, parameters, input_data, context):
        late = []
        for name, healthy in input_data["health_check_data"].items():
            count = 0 if healthy else self.counts.get(name, 0) + 1
            self.counts[name] = count
            if count >= 3:
                late.append(name)
        return {"unhealthy": late}

    def management(self, action, data):
        return dict(self.counts)
