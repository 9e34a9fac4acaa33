package labeler.linux.jna;

/**
 * The differences between the architectures: system-call numbers (asm/unistd.h) and the open(2) flags that some define
 * themselves (asm/fcntl.h). The newer calls have one number everywhere.
 *
 * @param statx number of statx(2), since Linux 4.11
 * @param getdents64 number of getdents64(2)
 * @param openDirectory {@code O_DIRECTORY}
 * @param openNoFollow {@code O_NOFOLLOW}
 * @param openDirect {@code O_DIRECT}
 */
record Arch(long statx, long getdents64, int openDirectory, int openNoFollow, int openDirect) {
    static final Arch X86_64 = new Arch(332, 217, 0200000, 0400000, 040000);
    static final Arch AARCH64 = new Arch(291, 61, 040000, 0100000, 0200000);

    /** The architecture with this name in the system property {@code os.arch}. */
    static Arch named(String name) {
        return switch (name) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default ->
                throw new UnsupportedOperationException(
                        "no system-call numbers are known for the architecture " + name + "; known: amd64, aarch64");
        };
    }
}
