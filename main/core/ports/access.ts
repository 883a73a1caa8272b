export interface ApiKeyRow {
  id: number;
  site: number;
  name: string;
  scopes: ('read' | 'send' | 'manage')[];
  hash: Uint8Array; // SHA-256 of the secret
  hint: string;
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export interface Access {
  apiKeys(): Promise<ApiKeyRow[]>;
  insertApiKey(key: Omit<ApiKeyRow, 'id' | 'lastUsedAt' | 'revokedAt'>): Promise<ApiKeyRow>;
  revokeApiKey(id: number, at: number): Promise<ApiKeyRow | null>;
  touchApiKeys(used: { id: number; at: number }[]): Promise<void>;
  /**
   * Begins a request that carries an Idempotency-Key. `fresh`: go on, then call `finish`. `done`: the first
   * answer. `running`: another is still at it. `mismatch`: the key was used for another request.
   */
  beginRequest(request: {
    key: string; // with the caller in it
    hash: Uint8Array;
    at: number;
  }): Promise<
    | { outcome: 'fresh' }
    | { outcome: 'done'; status: number; body: string }
    | { outcome: 'running' | 'mismatch' }
  >;
  /** Stores the answer, or forgets the request when there is none worth keeping (a 5xx). */
  finishRequest(key: string, answer: { status: number; body: string } | null): Promise<void>;
  setting(name: string): Promise<string | null>;
  setSetting(name: string, value: string): Promise<void>;
}
