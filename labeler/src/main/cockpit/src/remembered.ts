// What the reader has chosen in a list or a tree: it is as it was when he comes back to it.

import { useState } from "react";

const remembered = new Map<string, unknown>();

export function useRemembered<T>(key: string, initial: T): [T, (value: T) => void] {
    const [value, setValue] = useState(() => (remembered.has(key) ? remembered.get(key) : initial) as T);
    return [value, next => {
        remembered.set(key, next);
        setValue(next);
    }];
}
