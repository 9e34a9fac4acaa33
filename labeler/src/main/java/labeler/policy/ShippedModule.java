package labeler.policy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The module that comes with this program.
 *
 * @param sha256 the SHA-256 of its content, in hexadecimal, as in {@code semodule --checksum}
 * @param booleans defaults of the booleans, in the order of the file
 */
public record ShippedModule(Path file, String sha256, Map<String, Boolean> booleans) {
    /** The module's name in the policy. semodule takes it from the file's name. */
    public static final String NAME = "labeler";

    private static final Pattern BOOLEAN = Pattern.compile("(?m)^\\(boolean (\\w+) (true|false)\\)");

    public ShippedModule {
        booleans = Collections.unmodifiableMap(new LinkedHashMap<>(booleans));
    }

    /**
     * Reads the module.
     *
     * @param home the directory with {@code share/selinux/labeler.cil}
     * @throws IOException if the file is not there; the message names it
     */
    public static ShippedModule read(Path home) throws IOException {
        Path file = home.resolve("share/selinux").resolve(NAME + ".cil");
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is missing; install this program again");
        }
        byte[] content = Files.readAllBytes(file);
        Map<String, Boolean> booleans = new LinkedHashMap<>();
        Matcher matcher = BOOLEAN.matcher(new String(content, StandardCharsets.UTF_8));
        while (matcher.find()) {
            booleans.put(matcher.group(1), Boolean.valueOf(matcher.group(2)));
        }
        return new ShippedModule(file.toRealPath(), sha256(content), booleans);
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
