package labeler.arguments;

import labeler.linux.HostPath;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts a raw argument to a path. */
public final class PathConverter implements ITypeConverter<HostPath> {
    @Override
    public HostPath convert(String raw) {
        return HostPath.parse(RawArguments.bytes(raw))
                .orElseThrow(() -> new TypeConversionException("a path is not empty"));
    }
}
