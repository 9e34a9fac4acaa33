package labeler.tree;

import java.util.Arrays;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries;
import labeler.linux.ExtendedAttributes;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.selinux.StoredLabel;

/** The calls and the facts that every walk needs. */
record TreeMeans(ExtendedAttributes attributes, DirectoryEntries entries, Trees.OnRecord records) {
    Optional<StoredLabel> label(OpenedFile file) throws LinuxException {
        return attributes.get(file, AttributeName.SECURITY_SELINUX).map(StoredLabel::of);
    }

    /** Reads the labels of a walk's files. Files that follow each other mostly have one label: one object stands for it. */
    final class Reading {
        private byte[] last = {};
        private Optional<StoredLabel> label = Optional.empty();

        Optional<StoredLabel> of(OpenedFile file) throws LinuxException {
            Optional<byte[]> found = attributes.get(file, AttributeName.SECURITY_SELINUX);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            if (label.isEmpty() || !Arrays.equals(last, found.get())) {
                last = found.get();
                label = Optional.of(StoredLabel.of(last));
            }
            return label;
        }
    }

    Reading reading() {
        return new Reading();
    }

    void put(OpenedFile file, Optional<StoredLabel> label) throws LinuxException {
        if (label.isPresent()) {
            attributes.set(file, AttributeName.SECURITY_SELINUX, label.get().bytes());
        } else {
            attributes.remove(file, AttributeName.SECURITY_SELINUX);
        }
    }
}
