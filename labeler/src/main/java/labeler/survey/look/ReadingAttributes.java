package labeler.survey.look;

import java.util.List;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/** Tells attributes, and changes none. */
record ReadingAttributes(ExtendedAttributes attributes) implements ExtendedAttributes {
    @Override
    public Optional<byte[]> get(OpenedFile file, AttributeName name) throws LinuxException {
        return attributes.get(file, name);
    }

    @Override
    public List<AttributeName> list(OpenedFile file) throws LinuxException {
        return attributes.list(file);
    }

    @Override
    public void set(OpenedFile file, AttributeName name, byte[] value) throws LinuxException {
        throw refused("fsetxattr", file);
    }

    @Override
    public boolean remove(OpenedFile file, AttributeName name) throws LinuxException {
        throw refused("fremovexattr", file);
    }

    private static LinuxException refused(String call, OpenedFile file) {
        return new LinuxException(call, file.path().printable(), Errno.EROFS.code());
    }
}
