import base64


class AuthBase:
    def __call__(self, request):
        raise NotImplementedError("an auth has to be callable")


class HTTPBasicAuth(AuthBase):
    def __init__(self, username, password):
        self.username = username
        self.password = password

    def __call__(self, request):
        pair = f"{self.username}:{self.password}".encode("latin-1")
        request.headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        return request
