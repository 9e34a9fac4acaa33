package labeler.linux;

/** The kinds of file that stat(2) tells apart. */
public enum FileType {
    REGULAR,
    DIRECTORY,
    BLOCK_DEVICE,
    CHARACTER_DEVICE,
    FIFO,
    SOCKET,
    SYMBOLIC_LINK
}
