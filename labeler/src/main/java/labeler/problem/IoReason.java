package labeler.problem;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/** The reason why a file could not be used, in words. The JDK gives only an exception's class and the file's name. */
public final class IoReason {
    private IoReason() {}

    /** The reason, without the file's name. */
    public static String of(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "something else is there already";
            case NotDirectoryException _ -> "not a directory";
            case CharacterCodingException _ -> "not UTF-8";
            case FileSystemException other ->
                Optional.ofNullable(other.getReason())
                        .map(IoReason::uncapitalised)
                        .orElse("an I/O error");
            default ->
                Optional.ofNullable(failure.getMessage())
                        .map(IoReason::uncapitalised)
                        .orElse("an I/O error");
        };
    }

    /** A text of strerror(3) without its capital, for the middle of a line. */
    private static String uncapitalised(String text) {
        boolean word = text.length() > 1 && Character.isLowerCase(text.charAt(1));
        return word ? Character.toLowerCase(text.charAt(0)) + text.substring(1) : text;
    }
}
