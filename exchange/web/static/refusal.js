// A refusal: why this page will not go on, as a stable code that the page has a sentence for.

export class Refusal extends Error {
  /** @param {string} code one of the codes in the page's list of sentences */
  constructor(code) {
    super(code);
    this.code = code;
  }
}
