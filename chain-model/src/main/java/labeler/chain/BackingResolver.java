package labeler.chain;

import java.util.Optional;
import labeler.chain.format.QemuDriver;
import labeler.chain.format.Reference;
import labeler.chain.name.BlockOptions;
import labeler.chain.name.ReferenceName;

/** What a header says of its backing file, as a file to open; all else becomes a finding. */
final class BackingResolver {
    private final Findings findings;

    BackingResolver(Findings findings) {
        this.findings = findings;
    }

    record Target(FileName name, ImageFormat format) {}

    Optional<Target> resolve(FileName overlay, Reference.Backing backing) {
        Optional<ImageFormat> format = switch (backing.format()) {
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
        Optional<FileName> file = localFile(overlay, backing.name(), format);
        return file.flatMap(name -> format.map(known -> new Target(name, known)));
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
            case ReferenceName.LocalFile file -> Optional.of(file.name());
            case ReferenceName.Protocol protocol -> {
                external(name, protocol.protocol(), overlay, true);
                warnOfHiddenFiles(overlay, name, protocol, format);
                yield Optional.empty();
            }
            case ReferenceName.JsonOptions options -> {
                reportOptions(overlay, name);
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

    /** What qemu would open for them is shown, and nothing here opens it. */
    private void reportOptions(FileName overlay, FileName name) {
        switch (BlockOptions.in(name)) {
            case BlockOptions.Named named -> {
                external(name, "json", overlay, true);
                named.references().forEach(part -> external(part.name(), part.driver(), overlay, true));
                findings.warning(
                        Problem.Kind.UNSUPPORTED,
                        overlay,
                        "its backing file is given as json: options; files that they name are not part of the chain");
            }
            case BlockOptions.Broken broken -> {
                external(name, "json", overlay, false);
                findings.problem(
                        Problem.Kind.MALFORMED,
                        overlay,
                        "its backing file is given as json: options that qemu does not take, since " + broken.reason()
                                + ": correct it with qemu-img rebase -u -F FORMAT -b NAME IMAGE");
            }
        }
    }

    private void external(FileName name, String protocol, FileName overlay, boolean followed) {
        findings.external(new Chain.External(name, protocol, Role.BACKING, overlay, followed));
    }

    private void warnOfHiddenFiles(
            FileName overlay, FileName name, ReferenceName.Protocol protocol, Optional<ImageFormat> format) {
        if (protocol.reachesLocalFiles()) {
            findings.warning(
                    Problem.Kind.UNSUPPORTED,
                    overlay,
                    "its backing file " + name + " reaches files of this host through " + protocol.protocol()
                            + "; they are not part of the chain");
        } else if (format.isPresent() && format.get() != ImageFormat.RAW) {
            findings.warning(
                    Problem.Kind.UNSUPPORTED,
                    overlay,
                    "its backing file " + name + " is " + format.get().driver() + " behind " + protocol.protocol()
                            + "; files that it names are not part of the chain");
        }
    }
}
