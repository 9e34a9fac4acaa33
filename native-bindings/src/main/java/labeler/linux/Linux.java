package labeler.linux;

/**
 * Everything that the project needs from the kernel, in one value: the real one from {@code labeler.linux.jna}, or the
 * in-memory fake of the test fixtures. A class that needs only one part takes only that part.
 */
public record Linux(
        SafeOpen open,
        FileHandles handles,
        ExtendedAttributes attributes,
        FileSystems fileSystems,
        DirectoryEntries entries,
        Processes processes,
        Exec exec,
        UnixSockets sockets,
        FileUsers users) {
    /** The same, with files opened in another way. */
    public Linux opening(SafeOpen other) {
        return new Linux(other, handles, attributes, fileSystems, entries, processes, exec, sockets, users);
    }
}
