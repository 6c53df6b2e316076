import { need } from '../dom.js';
import type { OperatorToken } from './operator-token.js';
import type { StreamState } from './overview-stream.js';

const NO_TOKEN = 'A token is made of letters, digits and - . _ ~ + / =, without spaces.';

/** Asks for a token when the server wants one, and lets go of it. */
export class SignInForm {
  private readonly field = need('token', HTMLInputElement);
  private readonly problem = need('token-problem', HTMLElement);
  private readonly out = need('sign-out', HTMLButtonElement);

  constructor(
    private readonly token: OperatorToken,
    private readonly onToken: () => void,
  ) {
    need('sign-in', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.out.addEventListener('click', () => {
      token.forget();
      // Nothing of what was shown stays in the page.
      location.reload();
    });
  }

  /** Follows the stream: shows the form where the token is what is missing. */
  show(state: StreamState): void {
    this.out.hidden = this.token.value === undefined || state.kind === 'refused';
    if (state.kind !== 'refused') {
      if (state.kind === 'live') this.clear();
      return;
    }
    if (this.token.value !== undefined) this.complain(state.error.message);
    if (!this.field.matches(':focus')) this.field.focus();
  }

  private submit(): void {
    if (!this.token.set(this.field.value)) {
      this.complain(NO_TOKEN);
      this.field.focus();
      return;
    }
    this.problem.textContent = '';
    this.onToken();
  }

  private complain(sentence: string): void {
    this.problem.textContent = sentence;
    this.field.setAttribute('aria-invalid', 'true');
  }

  /** A token is shown no longer than it takes to be let in. */
  private clear(): void {
    this.field.value = '';
    this.problem.textContent = '';
    this.field.removeAttribute('aria-invalid');
  }
}
