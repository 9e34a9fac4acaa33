package labeler.chain;

import java.util.Optional;
import labeler.chain.format.Reference;
import labeler.chain.name.ReferenceName;

/** Resolves the place of a data file. For qemu its name is always a path (since qemu 9.0.2, CVE-2024-4467). */
final class DataFileResolver {
    private final Findings findings;

    DataFileResolver(Findings findings) {
        this.findings = findings;
    }

    Optional<FileName> resolve(FileName image, Reference.DataFile dataFile, ImageRequest.DataFileBase base) {
        if (dataFile.name().isEmpty()) {
            findings.problem(
                    Problem.Kind.MALFORMED,
                    image,
                    "it keeps its data in another file but does not name it: declare that file, or set it with"
                            + " qemu-img amend -o data_file=NAME");
            return Optional.empty();
        }
        FileName name = dataFile.name().get();
        if (name.isAbsolute()) {
            return Optional.of(name);
        }
        return Optional.of(
                switch (base) {
                    case ImageRequest.BesideImage beside ->
                        ReferenceName.directory(image).concat(name);
                    case ImageRequest.ProcessDirectory process -> {
                        findings.warning(
                                Problem.Kind.AMBIGUOUS,
                                image,
                                "its data file " + name + " is relative, to the directory in which qemu is started and"
                                        + " not to the image: an absolute name is safer");
                        yield process.directory().concat(name);
                    }
                });
    }
}
