package labeler.tree;

import java.util.List;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries;
import labeler.linux.ExtendedAttributes;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/** Moments of a walk at which a test does something. */
final class ChosenMoments {
    private ChosenMoments() {}

    /** Something that is done at a moment. */
    interface Deed {
        void run() throws Exception;

        default void now() {
            try {
                run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Does something before the first label is set: between the walks. */
    static final class Between implements ExtendedAttributes {
        private final ExtendedAttributes attributes;
        private final Deed deed;
        private boolean isDone;

        Between(ExtendedAttributes attributes, Deed deed) {
            this.attributes = attributes;
            this.deed = deed;
        }

        @Override
        public Optional<byte[]> get(OpenedFile file, AttributeName name) throws LinuxException {
            return attributes.get(file, name);
        }

        @Override
        public void set(OpenedFile file, AttributeName name, byte[] value) throws LinuxException {
            if (!isDone) {
                isDone = true;
                deed.now();
            }
            attributes.set(file, name, value);
        }

        @Override
        public List<AttributeName> list(OpenedFile file) throws LinuxException {
            return attributes.list(file);
        }

        @Override
        public boolean remove(OpenedFile file, AttributeName name) throws LinuxException {
            return attributes.remove(file, name);
        }
    }

    /** Does something each time that this name has been found, before the walk goes on. */
    static class AfterFinding implements DirectoryEntries {
        private final DirectoryEntries entries;
        private final HostPath name;
        private final Deed deed;

        AfterFinding(DirectoryEntries entries, String name, Deed deed) {
            this.entries = entries;
            this.name = HostPath.of(name);
            this.deed = deed;
        }

        @Override
        public List<Entry> list(OpenedFile directory, int most) throws LinuxException {
            return entries.list(directory, most);
        }

        @Override
        public Listing read(OpenedFile directory) throws LinuxException {
            return entries.read(directory);
        }

        @Override
        public Optional<Child> find(OpenedFile directory, HostPath found) throws LinuxException {
            Optional<Child> child = entries.find(directory, found);
            if (found.equals(name)) {
                deed.now();
            }
            return child;
        }

        @Override
        public boolean hasStill(OpenedFile directory, HostPath child, OpenedFile found) throws LinuxException {
            return entries.hasStill(directory, child, found);
        }

        @Override
        public Optional<byte[]> attribute(OpenedFile directory, HostPath child, AttributeName attribute)
                throws LinuxException {
            return entries.attribute(directory, child, attribute);
        }
    }

    /** Tells of each label that is set, after it is. */
    interface Watcher {
        void wasSet(OpenedFile file, byte[] value);
    }

    /** The real attributes, watched. */
    record Watched(ExtendedAttributes attributes, Watcher watcher) implements ExtendedAttributes {
        @Override
        public Optional<byte[]> get(OpenedFile file, AttributeName name) throws LinuxException {
            return attributes.get(file, name);
        }

        @Override
        public void set(OpenedFile file, AttributeName name, byte[] value) throws LinuxException {
            attributes.set(file, name, value);
            watcher.wasSet(file, value);
        }

        @Override
        public List<AttributeName> list(OpenedFile file) throws LinuxException {
            return attributes.list(file);
        }

        @Override
        public boolean remove(OpenedFile file, AttributeName name) throws LinuxException {
            return attributes.remove(file, name);
        }
    }
}
