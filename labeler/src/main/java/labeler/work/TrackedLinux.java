package labeler.work;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import labeler.linux.Access;
import labeler.linux.AttributeName;
import labeler.linux.Descriptor;
import labeler.linux.DirectoryEntries;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileHandle;
import labeler.linux.FileHandles;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileSystemStatus;
import labeler.linux.FileSystems;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.linux.Timestamp;

/**
 * The kernel's calls on files. Each is noted in the errand of its thread. None is made on a file system that is known
 * not to answer.
 */
record TrackedLinux(ScopedValue<FileSystemTask> current, Admission admission) {
    Linux of(Linux linux) {
        return new Linux(
                new Open(linux.open()),
                new Handles(linux.handles()),
                new Attributes(linux.attributes()),
                new Systems(linux.fileSystems()),
                new Entries(linux.entries()),
                linux.processes(),
                linux.exec(),
                linux.sockets(),
                linux.users());
    }

    private interface Call<T> {
        T make() throws LinuxException;
    }

    /** @param name the call's name */
    private <T> T noted(String name, Spot spot, Call<T> call) throws LinuxException {
        if (!current.isBound()) {
            return call.make();
        }
        FileSystemTask errand = current.get();
        Optional<WorkFileSystem> refused = admission.pass(errand, spot);
        if (refused.isPresent()) {
            throw new LinuxException(
                    name, spot.path().printable() + " (" + refused.get().doesNotAnswer() + ")", Errno.ETIMEDOUT.code());
        }
        // The time starts now, without the wait before.
        errand.enter(new Spot(spot.path(), spot.mount(), System.nanoTime()));
        try {
            return call.make();
        } finally {
            errand.left();
        }
    }

    private OpenedFile opened(OpenedFile file) {
        return file.by(
                (_, target, position) -> noted("pread", Spot.in(file), () -> file.read(target, position)), () -> {
                    if (!current.isBound()) {
                        file.close();
                        return;
                    }
                    // Never refused, since the file would stay open.
                    current.get().enter(Spot.in(file));
                    try {
                        file.close();
                    } finally {
                        current.get().left();
                    }
                });
    }

    private final class Open implements SafeOpen {
        private final SafeOpen open;

        Open(SafeOpen open) {
            this.open = open;
        }

        @Override
        public OpenOutcome open(HostPath path, OpenRequest request) {
            return outcome(path, () -> open.open(path, request));
        }

        @Override
        public OpenOutcome find(HostPath path, OpenRequest request) {
            return outcome(path, () -> open.find(path, request));
        }

        private OpenOutcome outcome(HostPath path, Call<OpenOutcome> call) {
            try {
                return switch (noted("open", Spot.at(path), call)) {
                    case OpenedFile file -> opened(file);
                    case OpenRefusal refusal -> refusal;
                };
            } catch (LinuxException e) {
                String words = current.get()
                        .refusedBy()
                        .map(WorkFileSystem::doesNotAnswer)
                        .orElse(String.valueOf(e.getMessage()));
                return new OpenRefusal(path, OpenRefusal.Reason.UNREADABLE, words);
            }
        }

        @Override
        public OpenedFile create(HostPath path, int mode, int uid, int gid) throws LinuxException {
            return opened(noted("open", Spot.at(path), () -> open.create(path, mode, uid, gid)));
        }

        @Override
        public Descriptor memory(String name) throws LinuxException {
            return open.memory(name);
        }

        @Override
        public Descriptor reopen(OpenedFile file, Access access, boolean direct) throws LinuxException {
            return noted("open", Spot.in(file), () -> open.reopen(file, access, direct));
        }

        @Override
        public boolean unlinkIfSame(HostPath path, FileIdentity identity) throws LinuxException {
            return noted("unlinkat", Spot.at(path), () -> open.unlinkIfSame(path, identity));
        }

        @Override
        public Optional<FileStatus> look(HostPath path) throws LinuxException {
            return noted("statx", Spot.at(path), () -> open.look(path));
        }

        @Override
        public Optional<FileStatus> lookAtName(HostPath path) throws LinuxException {
            return noted("statx", Spot.at(path), () -> open.lookAtName(path));
        }

        @Override
        public long contentSize(OpenedFile file) throws LinuxException {
            return noted("statx", Spot.in(file), () -> open.contentSize(file));
        }

        @Override
        public Timestamp touched(OpenedFile file) throws LinuxException {
            return noted("statx", Spot.in(file), () -> open.touched(file));
        }
    }

    private final class Handles implements FileHandles {
        private final FileHandles handles;

        Handles(FileHandles handles) {
            this.handles = handles;
        }

        @Override
        public Optional<FileHandle> of(OpenedFile file) throws LinuxException {
            return noted("name_to_handle_at", Spot.in(file), () -> handles.of(file));
        }

        @Override
        public Found find(FileHandle handle, FileIdentity identity, HostPath lastKnown) {
            return found(Spot.at(lastKnown), () -> handles.find(handle, identity, lastKnown));
        }

        @Override
        public Found find(FileHandle handle, OpenedFile directory, HostPath lastKnown) {
            return found(Spot.in(directory), () -> handles.find(handle, directory, lastKnown));
        }

        private Found found(Spot spot, Supplier<Found> search) {
            try {
                return noted("open_by_handle_at", spot, () -> switch (search.get()) {
                    case Present(OpenedFile file) -> new Present(opened(file));
                    case Deleted deleted -> deleted;
                    case Unknown unknown -> unknown;
                    case Failed failed -> failed;
                });
            } catch (LinuxException e) {
                return new Failed(String.valueOf(e.getMessage()));
            }
        }
    }

    private final class Attributes implements ExtendedAttributes {
        private final ExtendedAttributes attributes;

        Attributes(ExtendedAttributes attributes) {
            this.attributes = attributes;
        }

        @Override
        public Optional<byte[]> get(OpenedFile file, AttributeName name) throws LinuxException {
            return noted("fgetxattr", Spot.in(file), () -> attributes.get(file, name));
        }

        @Override
        public void set(OpenedFile file, AttributeName name, byte[] value) throws LinuxException {
            boolean _ = noted("fsetxattr", Spot.in(file), () -> {
                attributes.set(file, name, value);
                return true;
            });
        }

        @Override
        public List<AttributeName> list(OpenedFile file) throws LinuxException {
            return noted("flistxattr", Spot.in(file), () -> attributes.list(file));
        }

        @Override
        public boolean remove(OpenedFile file, AttributeName name) throws LinuxException {
            return noted("fremovexattr", Spot.in(file), () -> attributes.remove(file, name));
        }
    }

    private final class Entries implements DirectoryEntries {
        private final DirectoryEntries entries;

        Entries(DirectoryEntries entries) {
            this.entries = entries;
        }

        @Override
        public List<Entry> list(OpenedFile directory, int most) throws LinuxException {
            return noted("getdents64", Spot.in(directory), () -> entries.list(directory, most));
        }

        @Override
        public Listing read(OpenedFile directory) throws LinuxException {
            Listing listing = noted("getdents64", Spot.in(directory), () -> entries.read(directory));
            return new Listing() {
                @Override
                public Optional<Entry> next() throws LinuxException {
                    return noted("getdents64", Spot.in(directory), listing::next);
                }

                @Override
                public void close() {
                    listing.close();
                }
            };
        }

        @Override
        public boolean hasStill(OpenedFile directory, HostPath name, OpenedFile found) throws LinuxException {
            return noted("readlink", Spot.in(directory), () -> entries.hasStill(directory, name, found));
        }

        @Override
        public Optional<Child> find(OpenedFile directory, HostPath name) throws LinuxException {
            return noted("openat", Spot.in(directory), () -> entries.find(directory, name));
        }

        @Override
        public Optional<byte[]> attribute(OpenedFile directory, HostPath name, AttributeName attribute)
                throws LinuxException {
            return noted("lgetxattr", Spot.in(directory), () -> entries.attribute(directory, name, attribute));
        }
    }

    /** Not noted: questions about mounts and loop devices, which never wait, and a sync, whose length means nothing. */
    private final class Systems implements FileSystems {
        private final FileSystems fileSystems;

        Systems(FileSystems fileSystems) {
            this.fileSystems = fileSystems;
        }

        @Override
        public FileSystemStatus status(OpenedFile file) throws LinuxException {
            return noted("fstatfs", Spot.in(file), () -> fileSystems.status(file));
        }

        @Override
        public byte[] uuid(OpenedFile file) throws LinuxException {
            return fileSystems.uuid(file);
        }

        @Override
        public void refresh(OpenedFile file) throws LinuxException {
            noted("statx", Spot.in(file), () -> {
                fileSystems.refresh(file);
                return file;
            });
        }

        @Override
        public Optional<Mount> mount(OpenedFile file) throws LinuxException {
            return fileSystems.mount(file);
        }

        @Override
        public List<Mount> mounts() throws LinuxException {
            return fileSystems.mounts();
        }

        @Override
        public List<Mount> mounts(long device) throws LinuxException {
            return fileSystems.mounts(device);
        }

        @Override
        public long mountChanges() throws LinuxException {
            return fileSystems.mountChanges();
        }

        @Override
        public Optional<FileIdentity> behindLoop(OpenedFile device) throws LinuxException {
            return fileSystems.behindLoop(device);
        }

        @Override
        public void sync(OpenedFile file) throws LinuxException {
            fileSystems.sync(file);
        }
    }
}
