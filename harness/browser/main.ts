import { runProgram } from '#services/embedded/run-program.ts'
import { takePictures } from './take-pictures.ts'

await runProgram((_, print) => takePictures(print))
