export const rows = async () => [];
