package labeler.chain;

import java.util.Optional;
import labeler.chain.format.QemuDriver;
import labeler.chain.format.Reference;
import labeler.chain.name.BlockOptions;
import labeler.chain.name.ReferenceName;

/** Turns a header's backing reference into a file to open; anything else becomes a finding. */
final class BackingResolver {
    /** The name of the whole options, in place of a protocol. */
    private static final String JSON = "json";

    private final Findings findings;

    BackingResolver(Findings findings) {
        this.findings = findings;
    }

    record Target(FileName name, ImageFormat format) {}

    Optional<Target> resolve(FileName overlay, Reference.Backing backing) {
        Optional<BlockOptions> options = ReferenceName.classify(backing.name()) instanceof ReferenceName.JsonOptions
                ? Optional.of(BlockOptions.in(backing.name()))
                : Optional.empty();
        Optional<ImageFormat> format = format(overlay, backing, options);
        Optional<FileName> file = options.isPresent()
                ? plainFile(overlay, backing.name(), options.get())
                : localFile(overlay, backing.name(), format);
        return file.flatMap(name -> format.map(known -> new Target(name, known)));
    }

    /**
     * Whether the header itself agrees with a reference that was found in it. If the header records no format, the
     * found format was guessed from content that a guest may have written, and counts only as raw.
     */
    boolean confirms(FileName overlay, Reference.Backing backing, ImageRequest found) {
        boolean raw = found.format().equals(new ImageRequest.Declared(ImageFormat.RAW));
        boolean recorded = backing.format() instanceof Reference.Driver
                || (ReferenceName.classify(backing.name()) instanceof ReferenceName.JsonOptions
                        && formatIn(BlockOptions.in(backing.name())).isPresent());
        Reference.Backing read = raw && !recorded
                ? new Reference.Backing(backing.name(), new Reference.Driver(FileName.of(ImageFormat.RAW.driver())))
                : backing;
        return resolve(overlay, read)
                .filter(target -> agrees(overlay, target, found))
                .isPresent();
    }

    private boolean agrees(FileName overlay, Target target, ImageRequest found) {
        if (!found.format().equals(new ImageRequest.Declared(target.format()))) {
            findings.problem(
                    Problem.Kind.FORMAT_UNSPECIFIED,
                    overlay,
                    "its header records " + target.format().driver() + " as the format of its backing file "
                            + target.name() + ", and the domain has another: declare that format in the domain (virsh"
                            + " edit), or record it with qemu-img rebase -u -F FORMAT -b NAME IMAGE");
            return false;
        }
        if (!found.name().equals(target.name())) {
            findings.problem(
                    Problem.Kind.CHANGED,
                    overlay,
                    "its header names " + target.name() + " as its backing file, and the domain " + found.name()
                            + ": start the VM anew, or declare the chain in the domain (virsh edit)");
            return false;
        }
        return true;
    }

    /** For qemu the recorded format counts; if none is recorded, the one in {@code json:} counts. */
    private Optional<ImageFormat> format(FileName overlay, Reference.Backing backing, Optional<BlockOptions> options) {
        Optional<ImageFormat> said = backing.format() instanceof Reference.Driver
                ? Optional.empty()
                : options.flatMap(BackingResolver::formatIn);
        if (said.isPresent()) {
            return said;
        }
        return switch (backing.format()) {
            case Reference.Unrecorded unrecorded -> {
                findings.problem(
                        Problem.Kind.FORMAT_UNSPECIFIED,
                        overlay,
                        "its header does not record the format of its backing file " + backing.name()
                                + ", and a guess is not safe (CVE-2010-2238): record it with qemu-img rebase"
                                + " -u -F FORMAT -b NAME IMAGE");
                yield Optional.empty();
            }
            case Reference.Unrecordable unrecordable -> {
                findings.problem(
                        Problem.Kind.FORMAT_UNSPECIFIED,
                        overlay,
                        "its own format has no place for the format of its backing file " + backing.name()
                                + ", and a guess is not safe (CVE-2010-2238): declare the backing file with its"
                                + " format, or convert the image with qemu-img convert -O qcow2");
                yield Optional.empty();
            }
            case Reference.Driver driver -> imageFormat(overlay, backing.name(), driver.name());
        };
    }

    private static Optional<ImageFormat> formatIn(BlockOptions options) {
        return options instanceof BlockOptions.Named named
                ? named.plainFile()
                        .flatMap(BlockOptions.PlainFile::driver)
                        .flatMap(driver -> QemuDriver.of(driver) instanceof QemuDriver.Image image
                                ? Optional.of(image.format())
                                : Optional.empty())
                : Optional.empty();
    }

    private Optional<ImageFormat> imageFormat(FileName overlay, FileName name, FileName driver) {
        return switch (QemuDriver.of(driver)) {
            case QemuDriver.Image image -> Optional.of(image.format());
            case QemuDriver.Protocol protocol -> {
                external(name, protocol.name(), overlay, true);
                findings.problem(
                        Problem.Kind.UNSUPPORTED,
                        overlay,
                        "its header records " + protocol.name() + " as the format of its backing file " + name
                                + ", which is a protocol: record raw with qemu-img rebase -u -F raw -b NAME IMAGE");
                yield Optional.empty();
            }
            case QemuDriver.Unknown unknown -> {
                findings.problem(
                        Problem.Kind.FORMAT_UNKNOWN,
                        overlay,
                        "its header records " + driver.printable() + " as the format of its backing file " + name
                                + ", which qemu does not know: correct it with qemu-img rebase -u -F FORMAT -b NAME"
                                + " IMAGE");
                yield Optional.empty();
            }
        };
    }

    private Optional<FileName> localFile(FileName overlay, FileName name, Optional<ImageFormat> format) {
        return switch (ReferenceName.resolve(name, overlay)) {
            case ReferenceName.LocalFile file -> {
                if (name.startsWith(ReferenceName.FILE_PREFIX) && !file.name().isAbsolute()) {
                    refuseRelative(overlay, name);
                    yield Optional.empty();
                }
                yield Optional.of(file.name());
            }
            case ReferenceName.Protocol protocol -> {
                external(name, protocol.protocol(), overlay, true);
                judge(overlay, name, protocol, format);
                yield Optional.empty();
            }
            case ReferenceName.JsonOptions options -> {
                // The name itself has no protocol, but it is relative to an image whose name has one.
                external(name, JSON, overlay, false);
                findings.problem(
                        Problem.Kind.UNSUPPORTED,
                        overlay,
                        "its backing file " + name + " is json: options beside the name of the image: put ./ before"
                                + " that");
                yield Optional.empty();
            }
            case ReferenceName.UnknownProtocol unknown -> {
                external(name, unknown.protocol(), overlay, false);
                findings.problem(
                        Problem.Kind.UNSUPPORTED,
                        overlay,
                        "its backing file " + name + " has a protocol that qemu does not know, " + unknown.protocol()
                                + ": if it is a file, put ./ before its name");
                yield Optional.empty();
            }
            case ReferenceName.Empty empty -> {
                findings.problem(
                        Problem.Kind.MALFORMED, overlay, "its backing file " + name + " has no name: set one, or none");
                yield Optional.empty();
            }
        };
    }

    /** Relative to the qemu process, whose directory changes from one start to the next, as in {@code json:}. */
    private void refuseRelative(FileName overlay, FileName name) {
        external(name, "file", overlay, true);
        findings.problem(
                Problem.Kind.UNSUPPORTED,
                overlay,
                "its backing file " + name + " is relative to the directory in which qemu is started, and not to the"
                        + " image: write the path in full, or without file:, with qemu-img rebase -u -F FORMAT -b NAME"
                        + " IMAGE");
    }

    /** Anything but a plain file is shown with the names that qemu would open, and nothing here opens it. */
    private Optional<FileName> plainFile(FileName overlay, FileName name, BlockOptions options) {
        return switch (options) {
            case BlockOptions.Named named -> {
                if (named.plainFile().isEmpty()) {
                    reportOptions(overlay, name, named);
                }
                yield named.plainFile().map(BlockOptions.PlainFile::name);
            }
            case BlockOptions.Broken broken -> {
                external(name, JSON, overlay, false);
                findings.problem(
                        Problem.Kind.MALFORMED,
                        overlay,
                        "its backing file is given as json: options that qemu does not take, since " + broken.reason()
                                + ": correct it with qemu-img rebase -u -F FORMAT -b NAME IMAGE");
                yield Optional.empty();
            }
        };
    }

    private void reportOptions(FileName overlay, FileName name, BlockOptions.Named named) {
        external(name, JSON, overlay, true);
        named.references().forEach(part -> external(part.name(), part.driver(), overlay, true));
        if (named.areAllRemote()) {
            findings.warning(
                    Problem.Kind.UNSUPPORTED,
                    overlay,
                    "its backing file is given as json: options; files that they name are not part of the chain");
        } else {
            findings.problem(
                    Problem.Kind.UNSUPPORTED,
                    overlay,
                    "its backing file is given as json: options that may lead to files, sockets or devices of this"
                            + " host, and are followed only where they are a driver and an absolute file.filename: write a"
                            + " plain file name with qemu-img rebase -u -F FORMAT -b NAME IMAGE, or declare the backing"
                            + " file in the definition");
        }
    }

    /** The declared lower image, in place of the one in the header. */
    void declared(FileName overlay, ImageRequest.ExternalBacking backing) {
        FileName name = FileName.of(backing.reference());
        external(name, backing.protocol(), overlay, true);
        // The sockets of a declared disk are in the definition, beside its name.
        if (ReferenceName.classify(name) instanceof ReferenceName.Protocol protocol
                && ReferenceName.LOCAL_PROTOCOLS.contains(protocol.protocol())) {
            refuseHiddenFiles(overlay, name, protocol);
        }
    }

    private void external(FileName name, String protocol, FileName overlay, boolean followed) {
        findings.external(new Chain.External(name, protocol, Role.BACKING, overlay, followed));
    }

    private void judge(FileName overlay, FileName name, ReferenceName.Protocol protocol, Optional<ImageFormat> format) {
        if (protocol.reachesThisHost()) {
            refuseHiddenFiles(overlay, name, protocol);
        } else if (format.isPresent() && format.get() != ImageFormat.RAW) {
            findings.warning(
                    Problem.Kind.UNSUPPORTED,
                    overlay,
                    "its backing file " + name + " is " + format.get().driver() + " behind " + protocol.protocol()
                            + "; files that it names are not part of the chain");
        }
    }

    /** qemu would open files of this host that are not known: such a chain is never complete. */
    private void refuseHiddenFiles(FileName overlay, FileName name, ReferenceName.Protocol protocol) {
        findings.problem(
                Problem.Kind.UNSUPPORTED,
                overlay,
                "its backing file " + name + " may lead to files, sockets or devices of this host through "
                        + protocol.protocol() + ", which is not followed: write a plain file name with qemu-img rebase"
                        + " -u -F FORMAT -b NAME IMAGE, or declare the backing file in the definition");
    }
}
