package labeler.survey.look;

import java.util.Optional;
import java.util.stream.Stream;
import labeler.apply.Labels;
import labeler.leftover.DirectoryPolicy;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenedFile;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.selinux.VirtualContexts;
import labeler.survey.Unseen;

/**
 * Labels of files, and those that the policy has for their places. Nobody may take a label that could not be read for none:
 * such files are told. Safe for use by many threads.
 */
final class LabelLook {
    private final Labels labels;
    private final Linux linux;
    private final Optional<DirectoryPolicy> policy;
    private final VirtualContexts contexts;
    private final Missed unread = new Missed("the label");
    private final Missed unplaced = new Missed("the policy's label for the place");

    /** @param policy the kernel's labels for places; empty where SELinux is not active */
    LabelLook(Labels labels, Linux linux, Optional<DirectoryPolicy> policy, VirtualContexts contexts) {
        this.labels = labels;
        this.linux = linux;
        this.policy = policy;
        this.contexts = contexts;
    }

    /** An answer about a label. */
    sealed interface Seen {
        /** The label; empty for none, and where none is stored. */
        Optional<StoredLabel> label();
    }

    record Known(Optional<StoredLabel> label) implements Seen {}

    /** There may be one. The survey tells that. */
    record Hidden() implements Seen {
        @Override
        public Optional<StoredLabel> label() {
            return Optional.empty();
        }
    }

    boolean isJudged() {
        return policy.isPresent();
    }

    Seen of(OpenedFile file) {
        return read(file.path(), () -> labels.get(file));
    }

    /** The label of what has this name in the directory. */
    Seen of(OpenedFile directory, HostPath name) {
        return read(
                directory.path().child(name.bytes()),
                () -> linux.entries()
                        .attribute(directory, name, AttributeName.SECURITY_SELINUX)
                        .map(StoredLabel::of));
    }

    /** Nobody could look at the label. */
    void unseen(HostPath file, String reason) {
        unread.add(file, reason);
    }

    /** The kind of the file system of this file, if other hosts may have that mounted as well, or if nobody can tell. */
    Optional<String> sharedType(OpenedFile file) {
        try {
            return linux.fileSystems().mount(file).filter(Mount::maybeShared).map(Mount::fileSystemType);
        } catch (LinuxException e) {
            return Optional.of("not to be told (" + e.getMessage() + ")");
        }
    }

    /** A read of a label. */
    @FunctionalInterface
    private interface Reading {
        Optional<StoredLabel> read() throws LinuxException;
    }

    private Seen read(HostPath file, Reading reading) {
        try {
            return new Known(reading.read());
        } catch (LinuxException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                // The file system stores no labels.
                return new Known(Optional.empty());
            }
            unread.add(
                    file,
                    e.errno() == Errno.OTHER ? "errno " + e.code() : e.errno().text());
            return new Hidden();
        }
    }

    /**
     * The policy's label for the place of this file, if the file is of another type and of none of a VM's.
     *
     * @param directory in which the file is
     */
    Optional<SecurityContext> expected(OpenedFile directory, HostPath file, Optional<StoredLabel> label) {
        Optional<String> type = judgedType(label);
        if (policy.isEmpty() || type.isEmpty()) {
            return Optional.empty();
        }
        return switch (policy.get().of(directory)) {
            case DirectoryPolicy.Known(SecurityContext context) ->
                context.type().equals(type.get()) ? Optional.empty() : Optional.of(context);
            case DirectoryPolicy.Unknown(String reason) -> {
                noPlace(file, reason);
                yield Optional.empty();
            }
        };
    }

    /** Nobody could ask the policy. */
    void noPlace(HostPath file, String reason) {
        unplaced.add(file, reason);
    }

    /** Whether the policy has a say about the place of a file with this label: VMs' files have labels of their own. */
    boolean hasPlace(Optional<StoredLabel> label) {
        return policy.isPresent() && judgedType(label).isPresent();
    }

    private Optional<String> judgedType(Optional<StoredLabel> label) {
        return label.flatMap(StoredLabel::context)
                .map(SecurityContext::type)
                .filter(type -> !type.equals(contexts.image().type())
                        && !type.equals(contexts.content().type()));
    }

    /** All that could not be read. */
    Stream<Unseen> missed() {
        return Stream.of(unread, unplaced).flatMap(one -> one.line().stream());
    }
}
