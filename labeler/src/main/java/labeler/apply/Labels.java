package labeler.apply;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenedFile;
import labeler.plan.LabelState;
import labeler.selinux.StoredLabel;

/** The labels of open files. */
public final class Labels {
    private final ExtendedAttributes attributes;
    private final FileSystems fileSystems;
    private final boolean selinuxActive;
    private final RefusingMounts refusing;

    /** @param selinuxActive if so, the kernel shows which mounts store labels, and a label for any file */
    public Labels(ExtendedAttributes attributes, FileSystems fileSystems, boolean selinuxActive) {
        this.attributes = attributes;
        this.fileSystems = fileSystems;
        this.selinuxActive = selinuxActive;
        this.refusing = new RefusingMounts(fileSystems);
    }

    /** The label on disk; empty for none. */
    public Optional<StoredLabel> get(OpenedFile file) throws LinuxException {
        return attributes.get(file, AttributeName.SECURITY_SELINUX).map(StoredLabel::of);
    }

    /**
     * The label that libvirt remembers for a file that it has labelled; empty if it remembers none. libvirt drops it when
     * it restores the label.
     */
    public Optional<Remembered> rememberedByLibvirt(OpenedFile file) throws LinuxException {
        try {
            Optional<byte[]> label = attributes.get(file, AttributeName.LIBVIRT_REMEMBERED);
            return label.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Remembered(
                            StoredLabel.of(label.get()),
                            attributes
                                    .get(file, AttributeName.LIBVIRT_TIMESTAMP)
                                    .flatMap(Labels::seconds)));
        } catch (LinuxException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * A label that libvirt remembers.
     *
     * @param boot when the boot began in which libvirt wrote it; empty if that is not said
     */
    public record Remembered(StoredLabel label, Optional<Instant> boot) {}

    private static Optional<Instant> seconds(byte[] attribute) {
        String text = new String(attribute, StandardCharsets.US_ASCII).replace("\0", "");
        return text.matches("[0-9]{1,18}")
                ? Optional.of(Instant.ofEpochSecond(Long.parseLong(text)))
                : Optional.empty();
    }

    /** The state of a file's label, and whether one can be set at all. */
    public LabelState state(OpenedFile file, MountsSeen mounts) throws LinuxException {
        Optional<StoredLabel> label;
        try {
            label = get(file);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                return storesNone(Optional.empty(), file, mounts);
            }
            throw e;
        }
        if (refusing.contains(file)) {
            return storesNone(label, file, mounts);
        }
        Optional<Mount> mount = mounts.of(file);
        if (selinuxActive && mount.filter(Mount::storesLabels).isEmpty()) {
            // The kernel then shows the same label for every file there.
            return mount.filter(Mount::hasFixedContext).isPresent()
                    ? new LabelState.Unavailable(
                            label,
                            mounts.describe(file) + " is mounted with one context for all files",
                            LabelState.Cause.ONE_FOR_ALL)
                    : storesNone(label, file, mounts);
        }
        if (mount.filter(Mount::isReadOnly).isPresent()) {
            return new LabelState.Unavailable(
                    label, mounts.describe(file) + " is mounted read only", LabelState.Cause.READ_ONLY);
        }
        return label.<LabelState>map(LabelState.Labelled::new).orElseGet(LabelState.Unlabelled::new);
    }

    private static LabelState storesNone(Optional<StoredLabel> label, OpenedFile file, MountsSeen mounts)
            throws LinuxException {
        return new LabelState.Unavailable(
                label, mounts.describe(file) + " stores no security labels", LabelState.Cause.STORES_NONE);
    }

    /**
     * Gives the file this label, or none, and reads it back: a label that did not arrive is an error.
     *
     * @throws LinuxException if the kernel refuses, or shows another label afterwards
     */
    public void put(OpenedFile file, Optional<StoredLabel> label) throws LinuxException {
        if (label.isPresent()) {
            attributes.set(file, AttributeName.SECURITY_SELINUX, label.get().bytes());
        } else {
            attributes.remove(file, AttributeName.SECURITY_SELINUX);
        }
        if (!get(file).equals(label)) {
            throw new LinuxException("fgetxattr after fsetxattr on", file.path().printable(), Errno.EIO.code());
        }
    }

    /**
     * Remembers that no label can be set on the mount of this file, although it claims to support labels.
     *
     * @return whether that is news, so that a new plan would differ
     */
    boolean refused(OpenedFile file) throws LinuxException {
        return refusing.add(file);
    }

    /** Looks up each mount once for the time of one request. */
    public MountsSeen mounts() {
        return new MountsSeen(fileSystems);
    }

    /** The mounts of a request's files, each looked up once: a VM's files lie on few of them. For one thread. */
    public static final class MountsSeen {
        private final FileSystems fileSystems;
        private final Map<Long, Optional<Mount>> seen = new HashMap<>();

        private MountsSeen(FileSystems fileSystems) {
            this.fileSystems = fileSystems;
        }

        private Optional<Mount> of(OpenedFile file) throws LinuxException {
            long id = file.status().mountId();
            Optional<Mount> known = seen.get(id);
            if (known == null) {
                known = fileSystems.mount(file);
                seen.put(id, known);
            }
            return known;
        }

        private String describe(OpenedFile file) throws LinuxException {
            return of(file).map(mount -> "the " + mount.fileSystemType() + " file system at " + mount.mountPoint())
                    .orElse("its file system");
        }
    }

    /**
     * Mounts that claim to support labels but reject each one (EOPNOTSUPP): an NFS server may promise more than its own
     * file system can do. The list is cleared when mounts change, since the kernel reuses their numbers.
     */
    private static final class RefusingMounts {
        private final FileSystems fileSystems;
        private final Set<Long> ids = new HashSet<>();
        private long changes;

        private RefusingMounts(FileSystems fileSystems) {
            this.fileSystems = fileSystems;
        }

        /** Returns whether that is news. */
        synchronized boolean add(OpenedFile file) throws LinuxException {
            forgetAfterAChange();
            return ids.add(file.status().mountId());
        }

        synchronized boolean contains(OpenedFile file) throws LinuxException {
            if (ids.isEmpty()) {
                return false;
            }
            forgetAfterAChange();
            return ids.contains(file.status().mountId());
        }

        private void forgetAfterAChange() throws LinuxException {
            long now = fileSystems.mountChanges();
            if (now != changes) {
                ids.clear();
                changes = now;
            }
        }
    }
}
