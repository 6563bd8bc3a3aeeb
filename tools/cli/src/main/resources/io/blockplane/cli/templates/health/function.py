"""Counts the rounds in which an instance was unhealthy, and says when there were too many."""


class AIOSv1PolicyRule:
    def __init__(self, rule_id, settings, parameters):
        self.block_id = settings["block_data"]["id"]
        self.most_rounds = parameters["most_rounds"]
        self.unhealthy_rounds = {}

    def eval(self, parameters, input_data, context):
        failed = []
        for instance, is_healthy in input_data["health_check_data"].items():
            if is_healthy:
                self.unhealthy_rounds.pop(instance, None)
                continue
            rounds = self.unhealthy_rounds.get(instance, 0) + 1
            self.unhealthy_rounds[instance] = rounds
            if rounds > self.most_rounds:
                print(f"{instance} of {self.block_id} was unhealthy for {rounds} rounds")
                self.unhealthy_rounds[instance] = 0
                failed.append(instance)
        return {"failed": failed}

    def management(self, action, data):
        if action == "counts":
            return self.unhealthy_rounds
        raise ValueError(f"action: {action} (expected: counts)")
