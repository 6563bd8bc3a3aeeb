"""Says what is to be done about an instance that failed."""


class AIOSv1PolicyRule:
    def __init__(self, rule_id, settings, parameters):
        self.kept = parameters["kept"]

    def eval(self, parameters, input_data, context):
        instance = input_data["instance_id"]
        action = "keep" if instance in self.kept else "restart"
        print(f"{action} {instance}")
        return {"instance_id": instance, "action": action}

    def management(self, action, data):
        raise ValueError(f"action: {action} (expected: none, a failure policy has no state)")
