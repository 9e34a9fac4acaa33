package labeler.vm;

/** A disk that is not a file of this host: nbd, rbd, iscsi, … Nothing is opened for it. */
public record DeclaredExternal(Origin origin, FileRole role, String reference, String protocol) {}
