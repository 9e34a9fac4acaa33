package labeler.disk;

/**
 * An image in the chain of a disk, as a person names it.
 *
 * @param text a node's name, or a file's
 * @param path the text as a file's name, in full
 */
public record LayerName(String text, String path) {}
