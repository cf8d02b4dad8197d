export const files = async () => undefined;
