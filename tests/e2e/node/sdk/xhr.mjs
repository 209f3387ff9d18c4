// XMLHttpRequest over fetch, as far as the SDK's file helper asks for it.

const UNSENT = 0, OPENED = 1, DONE = 4;

export class XMLHttpRequest {
  upload = {};
  readyState = UNSENT;
  responseType = '';
  response = null;
  responseText = '';
  status = 0;
  statusText = '';
  #request = null;
  #answer = null;
  #control = new AbortController();

  open(method, url) {
    this.#request = {method, url: new URL(url, globalThis.window?.location), headers: {}};
    this.readyState = OPENED;
  }

  setRequestHeader(name, value) {
    this.#request.headers[name] = value;
  }

  getResponseHeader(name) {
    return this.#answer?.headers.get(name) ?? null;
  }

  send(body = null) {
    const {method, url, headers} = this.#request;
    fetch(url, {method, headers, body, signal: this.#control.signal})
      .then(answer => this.#take(answer))
      .then(
        () => this.#end(this.onload),
        error => this.#end(error.name === 'AbortError' ? this.onabort : this.onerror, error));
  }

  abort() {
    this.#control.abort();
  }

  async #take(answer) {
    this.#answer = answer;
    this.status = answer.status;
    this.statusText = answer.statusText;
    if (this.responseType === 'blob') {
      this.response = await answer.blob();
    } else {
      this.response = this.responseText = await answer.text();
    }
    this.upload.onprogress?.({lengthComputable: true, loaded: 1, total: 1});
  }

  #end(then, event = {}) {
    this.readyState = DONE;
    this.onreadystatechange?.(event);
    then?.call(this, event);
  }
}
